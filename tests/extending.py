"""The package that `docs/extending.md` makes, as files and as installed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "extending.md"
_BROKEN = {"autotrain.samplers": {"broken": "my_package.no_such_module:X"},
           "autotrain.sources": {"broken": "my_package.source:NOTHING"}}  # fmt: skip


def write_files(page: Path, folder: Path) -> None:
    """The blocks of a page that begin with the name of a file."""
    for name, text in re.findall(
        r"```python\n# (\S+\.py)\n(.*?)```", page.read_text("utf-8"), re.S
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def install(folder: Path) -> None:
    """The package with its entry points, as pip leaves them, and two that cannot be loaded."""
    write_files(PAGE, folder)
    text = PAGE.read_text("utf-8")
    (toml,) = re.findall(r"```toml\n(.*?)```", text, re.S)
    groups = tomllib.loads(toml)["project"]["entry-points"]
    about = folder / "my_package-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: my_package\nVersion: 1.2\n")
    lines = []
    for group, points in groups.items():
        lines.append(f"[{group}]")
        all_points = {**points, **_BROKEN.get(group, {})}
        lines += [f"{name} = {place}" for name, place in all_points.items()]
    (about / "entry_points.txt").write_text("\n".join(lines))
    (yaml,) = re.findall(r"```yaml\n(.*?)```", text, re.S)
    (folder / "space.yaml").write_text(yaml)
