"""What the data layer hands over: plain immutable records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

import numpy as np

PARTS = ("train", "validation", "test")


class Spec(Protocol):
    """What this layer reads of a space's `data` section (`autotrain.space.DataSpec`)."""

    @property
    def source(self) -> str | None:
        """A built-in name, or the path of an `.npz` file or of an image folder."""

    @property
    def image_size(self) -> int | None:
        """Side of the square images in pixels; None keeps what the source has."""

    @property
    def validation(self) -> float:
        """The part of the training data that becomes validation, in (0, 0.5]."""

    @property
    def test(self) -> float:
        """The part of all data that becomes the locked test part, in (0, 0.5]."""


@dataclass(frozen=True)
class Source:
    """Checked arrays of one source, before any split of our own.

    Attributes:
        x_train: `[n, h, w, c]` for images (any real dtype but float64) or `[n, features]` float32.
        y_train: `[n]` int32, positions in `class_names`.
        x_val, y_val: the source's own validation part, or None.
        x_test, y_test: the source's own test part, or None.
        class_names: one name per class.
        kind: `image` or `tabular`.
        feature_names: one name per column of a table; empty where unknown.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray | None
    y_val: np.ndarray | None
    x_test: np.ndarray | None
    y_test: np.ndarray | None
    class_names: tuple[str, ...]
    kind: str
    feature_names: tuple[str, ...] = ()

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays that are there, by field name, in a fixed order."""
        names = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


@dataclass(frozen=True)
class DataInfo:
    """Everything about prepared data, without the data; becomes JSON as it is.

    Attributes:
        source: as the user wrote it.
        kind: `image` or `tabular`.
        fingerprint: SHA-256 (hex) of content, split fractions and seed; never of a path.
        seed: of the split.
        validation, test: the fractions asked for.
        input_shape: of one example: `(h, w, c)` or `(features,)`.
        dtype: NumPy's name of the inputs' type.
        classes: how many.
        class_names: in the order of the labels.
        sizes: examples in `train`, `validation` and `test`.
        class_counts: examples per class, in the order of `class_names`, for each part.
        feature_names: of a table's columns; empty where unknown.
        goal: what is predicted: `classification`, `multilabel` or `regression`.
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
    feature_names: tuple[str, ...] = ()
    goal: str = "classification"

    def to_dict(self) -> dict[str, Any]:
        """Only dictionaries, lists, strings and numbers, ready for JSON or YAML."""
        raw = asdict(self)
        raw["class_counts"] = {part: list(counts) for part, counts in self.class_counts.items()}
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in raw.items()
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> DataInfo:
        """The inverse of `to_dict`; keys that this version does not know are ignored.

        Raises:
            KeyError, TypeError, ValueError: `raw` was not made by `to_dict`.
        """
        known = {field.name: raw[field.name] for field in fields(cls) if field.name in raw}
        known["class_counts"] = {k: tuple(map(int, v)) for k, v in raw["class_counts"].items()}
        known["sizes"] = {part: int(raw["sizes"][part]) for part in PARTS}
        for key in ("input_shape", "class_names", "feature_names"):
            known[key] = tuple(raw.get(key, ()))
        return cls(**known)


@dataclass(frozen=True)
class Arrays:
    """What a search may see: read-only memory maps; there is no test part on purpose.

    Attributes:
        x_train, x_validation: `[n, h, w, c]` in the images' own dtype, or `[n, features]` float32.
        y_train, y_validation: `[n]` int32.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray


def describe(info: DataInfo) -> str:
    """One line for people, and a second one when the classes are very uneven."""
    total = sum(info.sizes.values())
    if info.kind == "image":
        what = f"{total:,} images {'x'.join(map(str, info.input_shape))}"
    else:
        what = f"{total:,} rows of {info.input_shape[0]:,} features"
    parts = " / ".join(f"{info.sizes[part]:,} {part}" for part in PARTS)
    line = f"{info.source}: {what}, {info.classes:,} classes; {parts}"
    counts = info.class_counts["train"]
    low, high = counts.index(min(counts)), counts.index(max(counts))
    if counts[high] < 10 * counts[low]:
        return line
    return (
        f"{line}\nuneven classes: {info.class_names[high]!r} has {counts[high]:,} training "
        f"examples, {info.class_names[low]!r} only {counts[low]:,}"
    )
