"""Finds and loads spaces: the shipped ones by name, everybody else's by path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from autotrain.errors import Problem, SpaceError, nearest
from autotrain.space.space import Space
from autotrain.space.yaml_reader import LARGEST_FILE, parse_yaml

_SUFFIXES = (".yaml", ".yml")


def shipped_spaces() -> dict[str, Path]:
    """The ready-made spaces by name: the wheel's, or those of the checkout it is installed from."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "search_spaces", package.parents[1] / "search_spaces"):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {}


def load_space(name_or_path: str | Path, check: Callable[[Space], None] | None = None) -> Space:
    """Loads a space.

    Args:
        name_or_path: the name of a shipped space, such as `cifar_cnn`, or the path of a file that
            ends in .yaml or .yml.
        check: raises a `SpaceError` for what another layer finds wrong in a space, or in what is
            right of it; the mistakes of both are listed together.

    Raises:
        SpaceError: there is no such space or file, or it breaks rules; with every mistake.
    """
    path = _find(name_or_path)
    raw, lines = parse_yaml(_read_text(path, str(path)), str(path))
    problems: list[Problem] = []
    try:
        space = Space.from_dict(raw, lines=lines, name=path.stem)
    except SpaceError as error:
        if check is None or not isinstance(raw, Mapping):
            raise
        problems, space = list(error.problems), Space.sound_part(raw, lines)
    try:
        if check is not None:
            check(space)
    except SpaceError as error:
        # What is mistaken itself is missing in the part that is right; that is no second mistake.
        known = {n for p in problems for n in (_line(p), lines.entry(_line(p)))}
        problems += [problem for problem in error.problems if _line(problem) not in known]
    if problems:
        raise SpaceError(sorted(problems, key=_line))
    return space


def _line(problem: Problem) -> int:
    return int(problem.where.rpartition(":")[2])


def _find(name_or_path: str | Path) -> Path:
    """The file of a space; it need not exist, unless it is a shipped one."""
    text, path = str(name_or_path), Path(name_or_path)
    is_name = not isinstance(name_or_path, Path) and path.name == text
    if not is_name or path.suffix in _SUFFIXES:
        return path
    shipped = shipped_spaces()
    if text not in shipped:
        raise SpaceError([_unknown_name(text, shipped)])
    return shipped[text]


def _unknown_name(name: str, shipped: dict[str, Path]) -> Problem:
    hint = nearest(name, shipped)
    if Path(name).is_dir():
        hint = "that is a folder: name a file in it"
    else:
        beside = next((name + s for s in _SUFFIXES if name and Path(name + s).is_file()), None)
        hint = f"did you mean the file {beside}?" if beside else hint
    known = ", ".join(shipped) or "none"
    rule = f"a space must be one of {known}, or the path of a .yaml file"
    return Problem("--space", rule, repr(name), hint)


def _read_text(path: Path, where: str) -> str:
    try:
        if path.is_dir():
            raise SpaceError([Problem(where, "a space must be a file, and this is a folder")])
        if path.suffix not in _SUFFIXES:
            rule = f"a space's file must end in {' or '.join(_SUFFIXES)}"
            hint = f"rename it, for instance to {path.stem}.yaml"
            raise SpaceError([Problem(where, rule, repr(path.name), hint)])
        if not path.exists():
            raise SpaceError([Problem(where, "there is no such file", hint=_beside(path))])
        if not path.is_file():  # a pipe or a device could be endless
            raise SpaceError([Problem(where, "a space must be an ordinary file")])
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise SpaceError([Problem(where, "the file must be readable", reason)]) from None
    if len(content) > LARGEST_FILE:
        rule = f"the file must not be larger than {LARGEST_FILE // 1024} KiB"
        raise SpaceError([Problem(where, rule)])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        rule, hint = "the file must be UTF-8", "save it with that encoding"
        seen = f"the byte {content[error.start]:#04x}"
        raise SpaceError([Problem(f"{where}:{line}", rule, seen, hint)]) from None


def _beside(path: Path) -> str:
    """The name of the file in the same folder that was perhaps meant."""
    if not path.parent.is_dir():
        return f"there is no folder {path.parent} either"
    return nearest(path.name, [p.name for p in path.parent.iterdir() if p.suffix in _SUFFIXES])
