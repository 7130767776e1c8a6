"""Tables: of texts, for a page or a terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import rich.table
from rich.console import Console
from rich.text import Text

_WIDE = 10_000  # characters: nothing is cut that goes to a file or a pipe


@dataclass(frozen=True)
class Table:
    """Heads and rows of texts; without heads, rows alone."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    @cached_property
    def numeric(self) -> list[bool]:
        """For each column whether nothing but numbers stands in it; they are aligned on the right."""
        columns = ([text for text in cells if text] for cells in zip(*self.rows, strict=True))
        found = [bool(cells) and all(map(_is_number, cells)) for cells in columns]
        return found or [False] * len(self.heads)

    def text(self) -> str:
        """The table as aligned lines, as long as they need to be."""
        table = rich.table.Table(box=None, pad_edge=False, show_header=bool(self.heads))
        for head, numeric in zip(self.heads or [""] * len(self.numeric), self.numeric, strict=True):
            side: Any = "right" if numeric else "left"
            table.add_column(Text(head), justify=side, no_wrap=True)
        for row in self.rows:
            table.add_row(*map(Text, row))
        console = Console(file=io.StringIO(), width=_WIDE, color_system=None)
        with console.capture() as caught:
            console.print(table)
        return "\n".join(line.rstrip() for line in caught.get().splitlines())


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").rstrip("%"))
    except ValueError:
        return False
    return True


def table_of(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> rich.table.Table:
    """A table for a terminal, whose last column takes what the width leaves, and gives way first.

    Names and cells are text as it is: brackets in a class's name are no markup.
    """
    table = rich.table.Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for i, name in enumerate(columns):
        if i == len(columns) - 1:
            table.add_column(Text(name), no_wrap=True, overflow="ellipsis", ratio=1)
        else:
            width = max([len(name), *(len(row[i]) for row in rows)])
            table.add_column(Text(name), no_wrap=True, min_width=width)
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return table
