"""From raw examples to what a model takes: the arrays of training, or strings.

Like all files of this folder it is copied beside `predict.py` into every exported model; it needs
nothing of autotrain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

if __package__:
    from autotrain.serving import table_reader as tables
    from autotrain.serving import tokens
    from autotrain.serving.columns import read_numbers
    from autotrain.serving.input_file import Column, Examples, InputError, Inputs
else:
    import table_reader as tables  # type: ignore[no-redef]
    import tokens  # type: ignore[no-redef]
    from columns import read_numbers  # type: ignore[no-redef]
    from input_file import Column, Examples, InputError, Inputs  # type: ignore[no-redef]


class Encoder:
    """Encodes batches of raw examples.

    A batch is an array [n, ...] of images or prepared rows, a dictionary of the columns of rows by
    name, or a list of texts.

    Args:
        inputs: what the model reads: `dtype`, `shape`, `columns`, `tokens`, `vocabulary`.
    """

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self._columns = inputs["columns"]
        self._tokens = tokens.numbers_of(inputs["vocabulary"])
        self._levels = {c["name"]: tables.spellings(c["levels"]) for c in self._columns}
        self._codes = {}
        for column in self._columns:
            codes = {level: i for i, level in enumerate(column["levels"], 1)}
            known = self._levels[column["name"]]
            self._codes[column["name"]] = {cell: codes[level] for cell, level in known.items()}

    def numbers(self, batch: Examples) -> np.ndarray:
        """A batch as the arrays that the model was trained on [n, ...].

        Raises:
            InputError: a cell of a column of numbers is none.
        """
        if isinstance(batch, dict):
            columns = [self._column(column, batch[column["name"]]) for column in self._columns]
            return np.stack(columns, axis=1)
        if isinstance(batch, list):
            texts = [tokens.tokenize(text, self.inputs["tokens"]) for text in batch]
            return tokens.encode(texts, self._tokens, self.inputs["shape"][0])
        return np.asarray(batch, self.inputs["dtype"])

    def strings(self, batch: Examples) -> np.ndarray | dict[str, np.ndarray]:
        """A batch for a model that reads strings itself; arrays are numbers already.

        Raises:
            InputError: as `numbers`.
        """
        if isinstance(batch, list):
            return np.array(batch, object)[:, None]
        if not isinstance(batch, dict):
            return self.numbers(batch)
        found = {}
        for column in self._columns:
            cells = batch[column["name"]]
            if column["kind"] == "category":
                levels = self._levels[column["name"]]
                known = ["" if tables.is_missing(c) else levels.get(c, c) for c in cells]
                found[column["name"]] = np.array(known, object)[:, None]
            else:
                found[column["name"]] = self._column(column, cells)[:, None]
        return found

    def unknown(self, batch: Examples) -> Counter[tuple[str, str]]:
        """Columns with their cells whose levels training has not seen, counted."""
        found: Counter[tuple[str, str]] = Counter()
        if isinstance(batch, dict):
            for name in (c["name"] for c in self._columns if c["kind"] == "category"):
                known = self._levels[name]
                others = (c for c in batch[name] if c not in known and not tables.is_missing(c))
                found.update((name, cell) for cell in others)
        return found

    def _column(self, column: Column, cells: Sequence[str] | np.ndarray) -> np.ndarray:
        """[n] numbers; of a category codes, 0 for what is missing or unknown."""
        if column["kind"] == "category":
            codes = self._codes[column["name"]]
            return np.array([codes.get(cell, 0) for cell in cells], "float32")
        if isinstance(cells, np.ndarray):
            return cells.astype("float32")
        problems = [""] * len(cells)
        numbers = read_numbers(column, cells, problems)
        if any(problems):
            raise InputError(next(filter(None, problems)))
        return numbers
