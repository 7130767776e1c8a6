"""The rows of a text as pandas parses them, by the layout and the rules of `serving.table_rows`."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autotrain.serving.input_file import InputError
from autotrain.serving.table_reader import MISSING, cell_text
from autotrain.serving.table_rows import (
    BLANKS,
    Layout,
    Row,
    Text,
    between_blanks,
    data_rows,
    is_footer,
    rows_of,
)

_AS_TEXT: dict[str, Any] = {"dtype": str, "na_filter": False}
_AS_NUMBERS: dict[str, Any] = {"na_values": list(MISSING), "keep_default_na": False}


class ParsedTable:
    """The examples of a text, parsed by pandas.

    Args:
        before: rows that come first and are no examples; width: cells of a row.
        raw: leave every cell as text.

    Attributes:
        frame: the examples, by the position of a column.
        footers: rows at the end that are no examples.
    """

    def __init__(self, text: Text, layout: Layout, before: int, width: int, raw: bool) -> None:
        self._text, self._layout, self._before, self._width = text, layout, before, width
        self._raw = raw
        self._content = _below(text, layout, before)
        found = self._read(**(_AS_TEXT if raw else _AS_NUMBERS))
        missing = (found.map(_text) == "") if raw else found.isna()
        self.footers = self._count_footers(found, missing)
        rows = np.flatnonzero(~self._empty(missing))
        self._rows = rows[: len(rows) - self.footers]
        self.frame = found.iloc[self._rows]
        if self.frame.empty:
            raise InputError(
                f"{text.where}: a table needs rows, and there are none below its header"
            )

    def written(self, i: int) -> list[str]:
        """The cells of a column as they are written, empty where there is none."""
        if self._raw:
            return [_text(cell) for cell in self.frame[i]]
        column = self._read(**_AS_TEXT, usecols=[i])[i]
        return [_text(cell) for cell in column.iloc[self._rows]]

    def _empty(self, missing: Any) -> np.ndarray:
        """[n] whether no cell of a row has anything in it, not even a word for nothing."""
        found: np.ndarray = missing.all(axis=1).to_numpy().copy()
        if found.any():
            words = self._read(**_AS_TEXT)[found].map(_text)
            found[found] = (words == "").all(axis=1).to_numpy()
        return found

    def _count_footers(self, frame: Any, missing: Any) -> int:
        """Looks closer where the last rows, or rows that may be too short, are of doubt."""
        if frame.empty or not (missing[self._width - 1].any() or self._ends_in_totals(frame)):
            return 0
        return sum(bool(row.problem) for row in self._checked())

    def _ends_in_totals(self, frame: Any) -> bool:
        last = [cell_text(cell) for cell in frame.iloc[-1]]
        return is_footer(["" if cell == "nan" else cell for cell in last], self._width + 1)

    def _checked(self) -> Iterator[Row]:
        return data_rows(self._text, self._layout, self._before, self._width)

    def _read(self, **options: Any) -> Any:
        import pandas as pd

        try:
            return self._parse(self._width, options)
        except pd.errors.EmptyDataError:
            return pd.DataFrame(columns=range(self._width))
        except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError, OverflowError) as error:
            rows = itertools.islice(rows_of(self._text, self._layout), self._before, None)
            widest = max((len(row) for _, row in rows), default=0)
            for _ in self._checked():  # says which row is too long
                pass
            if widest <= self._width:
                raise InputError(
                    f"{self._text.where}: cannot be read as a table: {error}"
                ) from error
        return self._parse(widest, options)[
            list(range(self._width))
        ]  # rows that end in a separator

    def _parse(self, width: int, options: Mapping[str, Any]) -> Any:
        import pandas as pd

        with warnings.catch_warnings():
            # It warns where the first row is longer than the header, and cuts all rows.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.StringIO(self._content),
                header=None,
                names=range(width),
                index_col=False,
                sep=self._layout.separator,
                quoting=self._layout.quoting,
                skipinitialspace=True,
                low_memory=False,
                float_precision="round_trip",
                **options,
            )


def _below(text: Text, layout: Layout, rows: int) -> str:
    """The text with an empty line for each of the first rows, so that lines are counted right."""
    lines = iter(text.lines())
    above = itertools.islice(rows_of(Text("", lambda: lines), layout), rows)
    line = max((line for line, _ in above), default=0)
    rest = list(itertools.islice(text.lines(), line, None))
    return "\n" * line + "".join(map(between_blanks, rest) if layout.separator == BLANKS else rest)


def _text(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) else ""
