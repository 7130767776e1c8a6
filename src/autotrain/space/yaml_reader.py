"""Reads YAML from strangers: plain data and the line of every entry, or all mistakes at once.

Built on PyYAML's nodes instead of its constructors: nothing is ever instantiated, nesting is
capped before it can exhaust the stack, and aliases cannot multiply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml

from autotrain.errors import Problem, SpaceError
from autotrain.space.mistakes import Mistake, Path
from autotrain.space.scalars import resolve, shown

LARGEST_FILE = 256 * 1024
DEEPEST = 16
T = TypeVar("T")
_MOST_PROBLEMS = 20  # a file full of aliases needs no thousand lines of answer


@dataclass
class LineMap:
    """Where each entry of a document was written.

    Attributes:
        where: the file, or another name for the source; may be empty.
        lines: line (from 1) by path of keys; empty where there is no file.
        settings: by path of keys, what gave the entry another value since, such as `--set task`.
    """

    where: str = ""
    lines: dict[Path, int] = field(default_factory=dict)
    settings: dict[Path, str] = field(default_factory=dict)

    def line(self, *path: str | int) -> int:
        """The line of the entry or of the nearest entry around it; 0 where there is no file."""
        if path[:2] == ("parameters", "model") and path[:2] not in self.lines:
            path = path[1:]  # a choice among models is a parameter that stands outside
        return 0 if _innermost(self.settings, path) else _innermost(self.lines, path) or 0

    def locate(self, *path: str | int) -> str:
        """The setting, or `file:line`, or the dotted path where there is neither."""
        if setting := _innermost(self.settings, path):
            return setting
        if self.lines:
            return f"{self.where}:{self.line(*path)}"
        dotted = ".".join(str(step) for step in path)
        return ": ".join(part for part in (self.where, dotted) if part) or "space"

    def entry(self, line: int) -> int:
        """The line of the outermost key that holds a line."""
        keys = [n for path, n in self.lines.items() if len(path) == 1 and n <= line]
        return max(keys, default=line)

    def error(self, mistakes: Iterable[Mistake]) -> SpaceError:
        """All mistakes, each at its place, in the order of the file."""
        ordered = sorted(mistakes, key=lambda mistake: self.line(*mistake.path))
        return SpaceError([mistake.problem(self.locate(*mistake.path)) for mistake in ordered])


def _innermost(entries: Mapping[Path, T], path: Path) -> T | None:
    lengths = range(len(path), -1, -1)
    return next((entries[path[:n]] for n in lengths if path[:n] in entries), None)


def parse_yaml(text: str, where: str) -> tuple[Any, LineMap]:
    """Reads one YAML document.

    Mappings have string keys only. Anchors, aliases, tags, duplicate keys and several documents
    are refused, and so are more than 256 KiB and nesting deeper than 16.

    Args:
        text: the document.
        where: the file's name, for messages.

    Returns:
        Plain data (None for an empty document) and the line of every entry.

    Raises:
        SpaceError: with every mistake found and its line.
    """
    if len(text) > LARGEST_FILE or len(text.encode(errors="replace")) > LARGEST_FILE:
        raise SpaceError(
            [Problem(where, f"the file must not be larger than {LARGEST_FILE // 1024} KiB")]
        )
    reader = _Reader(text.removeprefix("\ufeff"), where)
    data = reader.read()
    return data, LineMap(where, reader.lines or {(): 1})


class _Composer(yaml.SafeLoader):
    """PyYAML's tree of nodes, without what a stranger's file must not hold."""

    def __init__(self, text: str, note: Callable[..., None]) -> None:
        super().__init__(text)
        self._note, self._depth = note, 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._note(line, "aliases are not allowed", f"*{event.anchor}", "write the value again")
            self.get_event()
            return yaml.ScalarNode("", "", event.start_mark, style="'")  # type: ignore[arg-type]
        if event.anchor is not None:
            self._note(line, "anchors are not allowed", f"&{event.anchor}", "remove it")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._note(line, "tags are not allowed", tag, "remove it")
        event.anchor = event.tag = None
        self._depth += isinstance(event, yaml.CollectionStartEvent)
        if self._depth > DEEPEST:  # everything inside is unread: there is nothing to go on with
            raise yaml.MarkedYAMLError(problem="nesting", problem_mark=event.start_mark)
        node = super().compose_node(parent, index)
        self._depth -= isinstance(event, yaml.CollectionStartEvent)
        return node


class _Reader:
    """Plain data of a document's nodes, with lines and problems noted on the way."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def read(self) -> Any:
        composer: _Composer | None = None
        data = None
        try:
            composer = _Composer(self.text, self._note)
            node = composer.get_single_node()
            data = None if node is None else self._data(node, ())
        except yaml.reader.ReaderError as error:
            line = self.text.count("\n", 0, error.position) + 1
            code = error.character if isinstance(error.character, int) else ord(error.character)
            self._note(line, "the file must not hold control characters", f"{code:#04x}")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._note(mark.line + 1 if mark else 1, _explained(error))
        except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF" is no character
            line = composer.line + 1 if composer else 1
            self._note(line, "an escape must name a Unicode character")
        if self.problems:
            self.problems.sort(key=lambda problem: int(problem.where.rpartition(":")[2]))
            raise SpaceError(self.problems[:_MOST_PROBLEMS])
        return data

    def _note(self, line: int, rule: str, value: str = "", hint: str = "") -> None:
        self.problems.append(Problem(f"{self.where}:{line}", rule, value[:80], hint))

    def _data(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self._data(item, (*path, index)) for index, item in enumerate(node.value)]
        entries: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(line, "a key must be a plain name", hint="quote the key")
                continue
            self._scalar(key_node)
            key = str(
                key_node.value
            )  # whatever it would be as a value: `1` and `on` are names here
            inner = (*path, key)
            if key in entries:
                rule = "a key must stand only once in a mapping"
                self._note(line, rule, shown(key), f"first on line {self.lines[inner]}")
                continue
            self.lines[inner] = line
            entries[key] = self._data(value_node, inner)
        return entries

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        line = node.start_mark.line + 1
        if any("\ud800" <= character <= "\udfff" for character in node.value):
            self._note(line, "an escape must name a Unicode character", shown(node.value))
        if node.style is not None:
            return node.value
        try:
            return resolve(node.value)
        except ValueError as error:
            self._note(line, str(error), shown(node.value))
            return None


# PyYAML's phrases for what beginners run into, and the same in words that help.
_WORDS = {
    "but found another document": "a file must hold one document (remove the '---' and what follows)",
    "found character '\\t' that cannot start": "indentation must be made of spaces (replace the tab)",
    "mapping values are not allowed here":
        "this ':' must not stand here (check the indentation, and quote text that holds ': ')",
    "could not find expected ':'": "a key must be followed by ':'",
    "found unexpected end of stream": "a quote is opened and never closed",
    "expected ',' or ']', but got": "a list opened by '[' must be closed by ']'",
    "expected ',' or '}', but got": "a mapping opened by '{' must be closed by '}'",
    "expected <block end>, but found":
        "entries of one mapping or list must be indented alike (check the indentation)",
    "nesting": f"nesting must not be deeper than {DEEPEST} levels",
}  # fmt: skip


def _explained(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "this is not YAML"
    known = (words for phrase, words in _WORDS.items() if problem.startswith(phrase))
    return next(known, f"the file must be valid YAML: {problem}")
