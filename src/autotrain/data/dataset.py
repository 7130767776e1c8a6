"""What the data layer hands over: plain immutable records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import numpy as np

PARTS = ("train", "validation", "test")
GOALS = ("classification", "multilabel", "regression")


class Spec(Protocol):
    """What this layer reads of a space's `data` section (`autotrain.space.DataSpec`)."""

    @property
    def source(self) -> str | None:
        """A built-in name, or the path of an `.npz` file, of a table or of an image folder."""

    @property
    def image_size(self) -> int | None:
        """Side of the square images in pixels; None keeps what the source has."""

    @property
    def target(self) -> str | tuple[str, ...] | None:
        """A table's columns to predict, by name or position; None finds one by its usual name."""

    @property
    def text(self) -> str | None:
        """The column of texts; None takes the only one there is."""

    @property
    def ignore(self) -> str | tuple[str, ...] | None:
        """Columns of a table that are left unread."""

    @property
    def header(self) -> bool | None:
        """Whether a table's first row holds names; None finds it out."""

    @property
    def split_text(self) -> str:
        """How texts become tokens: `auto`, `whitespace` or `character`."""

    @property
    def validation(self) -> float:
        """The part of the training data that becomes validation, in (0, 0.5]."""

    @property
    def test(self) -> float:
        """The part of all data that becomes the locked test part, in (0, 0.5]."""


@dataclass(frozen=True)
class Column:
    """One feature of a table.

    Attributes:
        name: as the source has it; `column 1`, `column 2`, ... where it has none.
        kind: `number`; `category`: codes, 0 for a missing value or an unknown level; or `text`.
        levels: of a category, in the order of the codes 1, 2, ...
    """

    name: str
    kind: str = "number"
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Checked arrays of one source, before any split of our own.

    Levels and vocabulary are of the whole source here; `fitting.fit` reduces them to what the
    training part has.

    Attributes:
        x_train: `[n, h, w, c]` for images (any real dtype but float64); `[n, features]` float32
            for tables, NaN where a number is missing; `[n, longest]` int32 tokens for texts.
        y_train: `[n]` int32, positions in `class_names`; `[n, labels]` float32 of 0 and 1 for
            `multilabel`; `[n]` or `[n, outputs]` float32 for `regression`.
        x_val, y_val: the source's own validation part, or None.
        x_test, y_test: the source's own test part, or None.
        class_names: one name per class, label or number to predict.
        kind: `image`, `tabular` or `text`.
        goal: `classification`, `multilabel` or `regression`.
        columns: of a table.
        whole: every column stays, because arrays come whole to a model; False lets `fit` leave
            out columns that say nothing.
        tokens: how texts are split, `whitespace` or `character`; empty for other data.
        vocabulary: of texts; the token at position i has the number i + 2.
        dropped: rows that were left out because their target is missing.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray | None
    y_val: np.ndarray | None
    x_test: np.ndarray | None
    y_test: np.ndarray | None
    class_names: tuple[str, ...]
    kind: str
    goal: str = "classification"
    columns: tuple[Column, ...] = ()
    whole: bool = True
    tokens: str = ""
    vocabulary: tuple[str, ...] = ()
    dropped: int = 0

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of a table's columns."""
        return tuple(column.name for column in self.columns)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays that are there, by field name, in a fixed order."""
        names = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


@dataclass(frozen=True)
class DataInfo:
    """Everything about prepared data, without the data; becomes JSON as it is.

    Attributes:
        source: as the user wrote it.
        kind: `image`, `tabular` or `text`.
        fingerprint: SHA-256 (hex) of content, goal, split fractions and seed; never of a path.
        seed: of the split.
        validation, test: the fractions asked for.
        input_shape: of one example: `(h, w, c)`, `(features,)` or `(length,)` tokens.
        dtype: NumPy's name of the inputs' type.
        classes: how many classes, labels or numbers are predicted.
        class_names: in the order of the outputs.
        sizes: examples in `train`, `validation` and `test`.
        class_counts: for each part the examples per class, or positives per label, in the order of
            `class_names`; empty for regression.
        goal: what is predicted: `classification`, `multilabel` or `regression`.
        columns: of a table, with the levels that the training part has, most frequent first.
        left_out: columns of the source that say nothing, and why.
        dropped: rows left out because their target is missing.
        tokens: how texts are split, `whitespace` or `character`; empty for other data.
        vocabulary_size: token numbers in use, with 0 for padding and 1 for unknown tokens.
    """

    source: str
    kind: str
    fingerprint: str
    seed: int
    validation: float
    test: float
    input_shape: tuple[int, ...]
    dtype: str
    classes: int
    class_names: tuple[str, ...]
    sizes: Mapping[str, int]
    class_counts: Mapping[str, tuple[int, ...]]
    goal: str = "classification"
    columns: tuple[Column, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    dropped: int = 0
    tokens: str = ""
    vocabulary_size: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Only dictionaries, lists, strings and numbers, ready for JSON or YAML."""
        raw = {item.name: getattr(self, item.name) for item in fields(self)}
        raw["sizes"], raw["left_out"] = dict(self.sizes), dict(self.left_out)
        raw["class_counts"] = {part: list(counts) for part, counts in self.class_counts.items()}
        raw["columns"] = [{**vars(c), "levels": list(c.levels)} for c in self.columns]
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in raw.items()
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> DataInfo:
        """The inverse of `to_dict`; keys that this version does not know are ignored.

        Raises:
            KeyError, TypeError, ValueError: `raw` was not made by `to_dict`.
        """
        known = {item.name: raw[item.name] for item in fields(cls) if item.name in raw}
        known["class_counts"] = {k: tuple(map(int, v)) for k, v in raw["class_counts"].items()}
        known["sizes"] = {part: int(raw["sizes"][part]) for part in PARTS}
        known["columns"] = tuple(
            Column(c["name"], c["kind"], tuple(c["levels"])) for c in raw.get("columns", ())
        )
        for key in ("input_shape", "class_names"):
            known[key] = tuple(raw.get(key, ()))
        return cls(**known)


@dataclass(frozen=True)
class Arrays:
    """What a search may see: read-only memory maps; there is no test part on purpose.

    Attributes:
        x_train, x_validation: `[n, h, w, c]` in the images' own dtype, `[n, features]` float32 or
            `[n, length]` int32 tokens.
        y_train, y_validation: `[n]` int32, or float32 as in `Source`.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
