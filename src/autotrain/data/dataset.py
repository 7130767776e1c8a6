"""What the data layer hands over: plain immutable records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from autotrain.serving.number_forms import Form

SPLITS = ("train", "validation", "test")
# Keys of records that were written before, and what they are called now.
_OLD_KEYS = {"goal": "task", "kind": "modality"}


@dataclass(frozen=True)
class Column:
    """One feature of a table.

    Attributes:
        name: as the source has it; `column 1`, `column 2`, ... where it has none.
        kind: `number`; `category`: codes, 0 for a missing value or an unknown level; or `text`.
        levels: of a category, in the order of the codes 1, 2, ...
        form: how its numbers are written, where it is not as usual; a `serving.number_forms.Form`.
        source: the column of the table that it is made of, where that has another name.
        part: of a time: what of it.
    """

    name: str
    kind: str = "number"
    levels: tuple[str, ...] = ()
    form: Form | None = None
    source: str = ""
    part: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain data, without what is not said."""
        more = {"form": self.form, "source": self.source, "part": self.part}
        told = {key: value for key, value in more.items() if value}
        return {"name": self.name, "kind": self.kind, "levels": list(self.levels), **told}


@dataclass(frozen=True)
class Dataset:
    """Checked arrays of one source, as it was read, then split, then fitted.

    Levels and vocabulary are of the whole source at first; `Modality.fit` reduces them to what the
    training part has.

    Attributes:
        x: inputs by split: `[n, h, w, c]` for images (any real dtype but float64); `[n, features]`
            float32 for tables, NaN where a number is missing; `[n, longest]` int32 tokens for texts.
            `train` always, and the other `SPLITS` where the source has them or `split` made them.
        y: targets likewise: `[n]` int32, positions in `class_names`; `[n, labels]` float32 of 0 and
            1 for `multilabel`; `[n]` or `[n, outputs]` float32 for `regression`.
        class_names: one name per class, label or number to predict.
        modality: `image`, `tabular` or `text`; a name of `data.modalities.MODALITIES`.
        task: what is predicted, a name of `tasks.TASKS`.
        rows: which rows of its arrays make a split; a split that is not here has all of them.
        columns: of a table.
        whole: every column stays, because arrays come whole to a model; False lets `fit` leave
            out columns that say nothing.
        left_out: columns that say nothing, and why.
        tokens: how texts are split, `whitespace` or `character`; empty for other data.
        vocabulary: of texts; the token at position i has the number i + 2.
        dropped: rows that were left out because their target is missing.
        header: whether the first row of a table's file held names; None where there is no file.
        width: columns of a table's file.
        targets: names of those that are predicted.
        units: whether a row below the header told units.
        notes: what was found out about the source, or is suspicious, a sentence each.
    """

    x: Mapping[str, np.ndarray]
    y: Mapping[str, np.ndarray]
    class_names: tuple[str, ...]
    modality: str
    task: str = "classification"
    rows: Mapping[str, np.ndarray] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    whole: bool = True
    left_out: Mapping[str, str] = field(default_factory=dict)
    tokens: str = ""
    vocabulary: tuple[str, ...] = ()
    dropped: int = 0
    header: bool | None = None
    width: int = 0
    targets: tuple[str, ...] = ()
    units: bool = False
    notes: tuple[str, ...] = ()

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of a table's columns."""
        return tuple(column.name for column in self.columns)

    def x_of(self, split: str) -> np.ndarray:
        """Inputs of a split."""
        return self._of(self.x, split)

    def y_of(self, split: str) -> np.ndarray:
        """Targets of a split."""
        return self._of(self.y, split)

    def _of(self, arrays: Mapping[str, np.ndarray], split: str) -> np.ndarray:
        rows = self.rows.get(split)
        return arrays[split] if rows is None else arrays[split][rows]


@dataclass(frozen=True)
class DataInfo:
    """Everything about prepared data, without the data; becomes JSON as it is.

    Attributes:
        source: as the user wrote it.
        modality: `image`, `tabular` or `text`.
        fingerprint: SHA-256 (hex) of content, task, split fractions and seed; never of a path.
        seed: of the split.
        validation, test: the fractions asked for.
        input_shape: of one example: `(h, w, c)`, `(features,)` or `(length,)` tokens.
        dtype: NumPy's name of the inputs' type.
        classes: how many classes, labels or numbers are predicted.
        class_names: in the order of the outputs.
        sizes: examples in `train`, `validation` and `test`.
        class_counts: for each split the examples per class, or positives per label, in the order of
            `class_names`; empty for regression.
        task: what is predicted: `classification`, `multilabel` or `regression`.
        columns: of a table, with the levels that the training part has, most frequent first.
        left_out: columns of the source that say nothing, and why.
        dropped: rows left out because their target is missing.
        tokens: how texts are split, `whitespace` or `character`; empty for other data.
        vocabulary_size: token numbers in use, with 0 for padding and 1 for unknown tokens.
        header: whether the first row of a table's file held names; None where there is no file.
        width: columns of a table's file.
        targets: names of those that are predicted.
        units: whether a row below the header told units.
        notes: what was found out about the source, or is suspicious, a sentence each.
    """

    source: str
    modality: str
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
    task: str = "classification"
    columns: tuple[Column, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    dropped: int = 0
    tokens: str = ""
    vocabulary_size: int = 0
    header: bool | None = None
    width: int = 0
    targets: tuple[str, ...] = ()
    units: bool = False
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Only dictionaries, lists, strings and numbers, ready for JSON or YAML."""
        raw = {item.name: getattr(self, item.name) for item in fields(self)}
        raw["sizes"], raw["left_out"] = dict(self.sizes), dict(self.left_out)
        raw["class_counts"] = {split: list(counts) for split, counts in self.class_counts.items()}
        raw["columns"] = [column.to_dict() for column in self.columns]
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in raw.items()
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> DataInfo:
        """The inverse of `to_dict`; keys that this version does not know are ignored.

        Records of before are read too: `goal` and `kind` are `task` and `modality` now.

        Raises:
            KeyError, TypeError, ValueError: `raw` was not made by `to_dict`.
        """
        raw = {_OLD_KEYS.get(key, key): value for key, value in raw.items()}
        known = {item.name: raw[item.name] for item in fields(cls) if item.name in raw}
        known["class_counts"] = {k: tuple(map(int, v)) for k, v in raw["class_counts"].items()}
        known["sizes"] = {split: int(raw["sizes"][split]) for split in SPLITS}
        known["columns"] = tuple(
            Column(**{**c, "levels": tuple(c["levels"])}) for c in raw.get("columns", ())
        )
        for key in ("input_shape", "class_names", "targets", "notes"):
            known[key] = tuple(raw.get(key, ()))
        return cls(**known)


@dataclass(frozen=True)
class Arrays:
    """What a search may see: read-only memory maps; there is no test part on purpose.

    Attributes:
        x_train, x_validation: `[n, h, w, c]` in the images' own dtype, `[n, features]` float32 or
            `[n, length]` int32 tokens.
        y_train, y_validation: `[n]` int32, or float32 as in `Dataset`.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
