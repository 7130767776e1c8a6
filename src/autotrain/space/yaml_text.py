"""Reads YAML from strangers: plain data and the line of every entry, or all mistakes at once.

Built on PyYAML's events instead of its constructors: nothing is ever instantiated, nesting is
capped before anything recurses, and aliases cannot multiply.
"""

from __future__ import annotations

from typing import Any

import yaml

from autotrain.errors import Problem, SpaceError
from autotrain.space.mistakes import Path
from autotrain.space.scalars import resolve, shown

LARGEST_FILE = 256 * 1024
DEEPEST = 16
_MOST_PROBLEMS = 20  # a file full of aliases needs no thousand lines of answer


class LineMap:
    """Where each entry of a document was written.

    Attributes:
        where: the file, or another name for the source; may be empty.
        lines: line (from 1) by path of keys; empty where there is no file.
    """

    def __init__(self, where: str = "", lines: dict[Path, int] | None = None) -> None:
        self.where = where
        self.lines = lines or {}

    def line(self, *path: str | int) -> int:
        """The line of the entry or of the nearest entry around it; 0 where there is no file."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 0

    def locate(self, *path: str | int) -> str:
        """`file:line`, or the dotted path where there is no file."""
        if self.lines:
            return f"{self.where}:{self.line(*path)}"
        dotted = ".".join(str(step) for step in path)
        return ": ".join(part for part in (self.where, dotted) if part) or "space"


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
    return _Reader(text.removeprefix("\ufeff"), where).read()


class _Reader:
    """One pass over the events of a document."""

    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def read(self) -> tuple[Any, LineMap]:
        data = None
        try:
            self.events = yaml.SafeLoader(self.text)
        except yaml.reader.ReaderError as error:
            line = self.text.count("\n", 0, error.position) + 1
            code = error.character if isinstance(error.character, int) else ord(error.character)
            self._problem(line, "the file must not hold control characters", f"{code:#04x}")
            self._finish()
        try:
            data = self._document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._problem(mark.line + 1 if mark else 1, *_explained(error))
        except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF" is no character
            self._problem(self.events.line + 1, "an escape must name a Unicode character")
        self._finish()
        return data, LineMap(self.where, self.lines or {(): 1})

    def _finish(self) -> None:
        if self.problems:
            self.problems.sort(key=lambda problem: int(problem.where.rpartition(":")[2]))
            raise SpaceError(self.problems[:_MOST_PROBLEMS])

    def _problem(self, line: int, rule: str, value: str = "", hint: str = "") -> None:
        self.problems.append(Problem(f"{self.where}:{line}", rule, value, hint))

    def _document(self) -> Any:
        self.events.get_event()  # stream start
        if self.events.check_event(yaml.StreamEndEvent):
            return None
        self.events.get_event()  # document start
        data = self._node((), 1)
        self.events.get_event()  # document end
        if not self.events.check_event(yaml.StreamEndEvent):
            self._problem(
                self.events.peek_event().start_mark.line + 1,
                "a file holds one document",
                hint="remove the '---' and what follows",
            )
        return data

    def _node(self, path: Path, depth: int) -> Any:
        event = self.events.get_event()
        line = event.start_mark.line + 1
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.AliasEvent):
            rule = "aliases are not allowed"
            self._problem(line, rule, f"*{event.anchor}"[:80], "write the value again")
            return None
        if event.anchor is not None:
            rule = "anchors are not allowed"
            self._problem(line, rule, f"&{event.anchor}"[:80], "remove it")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._problem(line, "tags are not allowed", tag[:80], "remove it")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        if depth > DEEPEST:
            # Everything inside is unread, so there is nothing sensible to go on with.
            rule = f"nesting must not be deeper than {DEEPEST} levels"
            raise yaml.MarkedYAMLError(problem=rule, problem_mark=event.start_mark)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _scalar(self, event: Any, line: int) -> Any:
        if any("\ud800" <= character <= "\udfff" for character in event.value):
            self._problem(line, "an escape must name a Unicode character", shown(event.value))
        if event.style is not None:
            return event.value
        try:
            return resolve(event.value)
        except ValueError as error:
            self._problem(line, str(error), shown(event.value))
            return None

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        items: list[Any] = []
        while not self.events.check_event(yaml.SequenceEndEvent):
            items.append(self._node((*path, len(items)), depth + 1))
        self.events.get_event()
        return items

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not self.events.check_event(yaml.MappingEndEvent):
            line = self.events.peek_event().start_mark.line + 1
            key = self._key(path, depth)
            inner = (*path, key)
            if key in entries:
                first = self.lines[inner]
                rule = "a key must stand only once in a mapping"
                self._problem(line, rule, shown(key), f"first on line {first}")
            self.lines.setdefault(inner, line)
            entries.setdefault(key, None)
            value = self._node(inner, depth + 1)
            if entries[key] is None:
                entries[key] = value
        self.events.get_event()
        return entries

    def _key(self, path: Path, depth: int) -> str:
        """A key is its text, whatever it would be as a value: `1` and `on` are strings here."""
        if self.events.check_event(yaml.ScalarEvent):
            text = self.events.peek_event().value
            self._node((*path, "\0key"), depth)  # notes tags and anchors
            return str(text)
        line = self.events.peek_event().start_mark.line + 1
        alias = self.events.check_event(yaml.AliasEvent)
        self._node((*path, "\0key"), depth + 1)
        if not alias:  # that one is noted already
            self._problem(line, "a key must be a plain name", hint="quote the key")
        return "\0key"


# PyYAML's phrases for what beginners run into, and the same in words that help.
_WORDS = {
    "found character '\\t' that cannot start any token": (
        "indentation must be made of spaces",
        "replace the tab",
    ),
    "mapping values are not allowed here": (
        "this ':' must not stand here",
        "check the indentation, and quote text that holds ': '",
    ),
    "could not find expected ':'": ("a key must be followed by ':'", ""),
    "found unexpected end of stream": ("a quote is opened and never closed", ""),
    "expected ',' or ']', but got": ("a list opened by '[' must be closed by ']'", ""),
    "expected ',' or '}', but got": ("a mapping opened by '{' must be closed by '}'", ""),
    "expected <block end>, but found": (
        "entries of one mapping or list must be indented alike",
        "check the indentation",
    ),
}


def _explained(error: yaml.MarkedYAMLError) -> tuple[str, str, str]:
    problem = error.problem or "this is not YAML"
    for phrase, (rule, hint) in _WORDS.items():
        if problem.startswith(phrase):
            return rule, "", hint
    if problem.startswith("nesting"):
        return problem, "", ""
    return f"the file must be valid YAML: {problem}", "", ""
