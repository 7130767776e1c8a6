"""Measures of the code itself: names, seams and tests of a checkout, one line each.

    python benchmarks/structure.py [CHECKOUT ...]

Several checkouts stand side by side, such as a worktree of an earlier commit. Only the standard
library is needed; nothing of a checkout is run.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SUBJECTS = {"image", "tabular", "text", "classification", "multilabel", "regression"}
AT_HOME = ("tasks/", "data/modalities/", "testing/")  # where one may be told from the others
SAME_ON_PURPOSE = (  # a command, page, figure, format or suite; and both engines look alike
    "cli/", "api/", "dashboard/pages/", "reports/figures/", "export/formats/", "engines/ray/",
    "testing/",
)  # fmt: skip
NOUNS = {"preprocessing", "resampling", "signing"}  # of the field, though they end as gerunds do
EXAMPLES = {"sampler": "qmc", "pruner": "hyperband", "family": "resnet", "format": "litert",
            "tracker": "mlflow"}  # fmt: skip


class Checkout:
    """The source of one checkout, parsed."""

    def __init__(self, root: Path) -> None:
        self.root, self.source = root, root / "src" / "autotrain"
        self.paths = sorted(self.source.rglob("*.py"))
        self.trees = {self._name(p): ast.parse(p.read_text("utf-8")) for p in self.paths}

    def _name(self, path: Path) -> str:
        return path.relative_to(self.source).as_posix()

    def nodes(self) -> Iterator[tuple[str, ast.AST]]:
        """Every node with the name of its file."""
        for name, tree in self.trees.items():
            for node in ast.walk(tree):
                yield name, node

    def stems(self) -> list[str]:
        """The names of modules, those aside that repeat a name for a reason."""
        names = (name for name in self.trees if not name.startswith(SAME_ON_PURPOSE))
        stems = (Path(name).stem for name in names)
        return [stem for stem in stems if not stem.startswith("__") and stem != "base"]


def repeated_names(code: Checkout) -> str:
    """Modules whose name another has too."""
    found = {stem: n for stem, n in Counter(code.stems()).items() if n > 1}
    return _listed(found)


def gerunds(code: Checkout) -> str:
    """Modules that are named after doing something."""
    stems = {stem.rpartition("_")[2] for stem in code.stems()}
    return _listed({stem for stem in stems if stem.endswith("ing")} - NOUNS)


def comparisons(code: Checkout) -> str:
    """Comparisons with the name of a task or modality, outside of their packages."""
    found: Counter[str] = Counter()
    for name, node in code.nodes():
        if isinstance(node, ast.Compare) and not name.startswith(AT_HOME):
            texts = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)}
            found[name] += bool(texts & SUBJECTS)
    return str(found.total())


def naming(example: str) -> object:
    """A measure: the files in which the name of an existing thing is written."""

    def files(code: Checkout) -> str:
        return str(len({
            name for name, node in code.nodes()
            if isinstance(node, ast.Constant) and node.value == example
        }))  # fmt: skip

    return files


def any_share(code: Checkout) -> str:
    """Annotations with `Any` in them, of all."""
    found = total = 0
    for _, node in code.nodes():
        for annotation in _annotations(node):
            total += 1
            found += any(isinstance(n, ast.Name) and n.id == "Any" for n in ast.walk(annotation))
    return f"{found / total:.1%} of {total:,}"


def _annotations(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
        yield node.annotation
    elif isinstance(node, ast.FunctionDef) and node.returns is not None:
        yield node.returns


def not_none(code: Checkout) -> str:
    """Asserts that something is not None."""
    found = (node for name, node in code.nodes()
             if isinstance(node, ast.Assert) and not name.startswith("testing/"))  # fmt: skip
    return str(sum("is not None" in ast.unparse(node) for node in found))


def suites(code: Checkout) -> str:
    """Contracts with a suite of tests for outsiders."""
    found = (n.name for name, n in code.nodes() if isinstance(n, ast.ClassDef)
             and name.startswith("testing/") and n.name.endswith("Suite"))  # fmt: skip
    return str(len(list(found)))


def mirrored(code: Checkout) -> str:
    """Modules with a test of their name, in the folder of their name."""
    tests = {p.relative_to(code.root / "tests").as_posix()
             for p in (code.root / "tests").rglob("test_*.py")}  # fmt: skip
    modules = [Path(name) for name in code.trees if not Path(name).stem.startswith("__")]
    found = [m for m in modules if (m.parent / f"test_{m.name}").as_posix() in tests]
    return f"{len(found)} of {len(modules)}"


def python_api(code: Checkout) -> str:
    """Commands whose equal in Python is documented, of all."""
    commands = [name for name in code.trees if name.startswith("cli/")]
    page = code.root / "docs" / "python.md"
    rows = page.read_text("utf-8").count("\n| `autotrain ") if page.exists() else 0
    return f"{rows} (files in cli/: {len(commands)})"


def lines(code: Checkout) -> str:
    """Lines of source."""
    return f"{sum(len(p.read_text('utf-8').splitlines()) for p in code.paths):,}"


def longest(code: Checkout) -> str:
    """The longest file."""
    sizes = {code._name(p): len(p.read_text("utf-8").splitlines()) for p in code.paths}
    name = max(sizes, key=lambda each: sizes[each])
    return f"{sizes[name]} ({name})"


def _listed(found: object) -> str:
    names = sorted(found)  # type: ignore[call-overload]
    return f"{len(names)} {' '.join(names)}".strip()


MEASURES = {
    "repeated file names": repeated_names,
    "modules named by a gerund": gerunds,
    "comparisons with task or modality": comparisons,
    **{f"files that name the {kind} {name}": naming(name) for kind, name in EXAMPLES.items()},
    "Any in annotations": any_share,
    "asserts of not None": not_none,
    "contracts with a suite": suites,
    "modules with a test of their name": mirrored,
    "commands with a Python equal": python_api,
    "lines of source": lines,
    "longest file": longest,
}

if __name__ == "__main__":
    for place in sys.argv[1:] or ["."]:
        checkout = Checkout(Path(place))
        print(f"{checkout.root.resolve()}")
        for title, measure in MEASURES.items():
            print(f"  {title:36} {measure(checkout)}")  # type: ignore[operator]
