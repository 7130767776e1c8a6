"""Images: `[n, h, w, c]`, most often uint8."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autotrain.data.dataset import Column, DataInfo, Dataset
from autotrain.data.decode import decode_images, resize_arrays
from autotrain.data.modalities.base import MOST_VALUES, Modality
from autotrain.data.tables import Table
from autotrain.errors import DataError
from autotrain.serving.image_reader import holds_paths
from autotrain.serving.input_file import Inputs
from autotrain.serving.table_reader import is_table
from autotrain.space import DataSpec

_MOST_IMAGES = MOST_VALUES // 10
_MOST_FEATURES = 4096


class Images(Modality):
    """Pictures of one size, with 1 or more channels last."""

    name = "image"
    example_space = "cifar_cnn"
    reads_tables = True

    def takes(self, table: Table, spec: DataSpec) -> bool:
        """Whether it lists paths of images."""
        return spec.image is not None or bool(_path_columns(table, table.names))

    def from_table(
        self, where: str, table: Table, inputs: Sequence[str], rows: np.ndarray, spec: DataSpec
    ) -> Dataset:
        """The images that a column names, by paths that begin where the table lies."""
        column = _path_column(where, table, inputs, spec)
        root = Path(where).expanduser().parent
        cells = [str(cell or "") for cell in table[column].values[rows]]
        files = [root / Path(cell).expanduser() for cell in cells]
        decoded = decode_images(Path(where), files, spec)
        others = ", ".join(name for name in inputs if name != column)
        unread = (f"left out: columns beside the images: {others}",) if others else ()
        return Dataset(
            x={"train": decoded.images},
            y={},
            class_names=(),
            modality=self.name,
            columns=(Column(column, "image"),),
            pixels="deep" if decoded.deep else "",
            aspect=spec.aspect,
            notes=(*unread, *decoded.notes),
            kept=decoded.kept,
        )

    def resize(self, where: str, dataset: Dataset, side: int) -> Dataset:
        """Cropped around the centre."""
        return resize_arrays(where, dataset, side)

    def describe(self, info: DataInfo) -> str:
        """How many, and their shape."""
        total, shape = sum(info.sizes.values()), "x".join(map(str, info.input_shape))
        return f"{total:,} images {shape}"

    def reads(self, shape: Sequence[int], dtype: str, names: Sequence[str]) -> str:
        """Shape and type."""
        sides = " x ".join(map(str, shape))
        return f"It reads images of {sides} ({dtype}), as they come from the file."

    def picture(self, example: np.ndarray) -> np.ndarray:
        """The image."""
        return example

    def inputs(self, info: DataInfo, folder: Path) -> Inputs:
        """With the depth of the pixels, and how images of other sizes are brought to this one."""
        found: Inputs = {**super().inputs(info, folder), "aspect": info.aspect}
        pixels = info.pixels or ("bytes" if info.dtype == "uint8" else "")
        return {**found, "pixels": pixels} if pixels else found

    def outliers(self, info: DataInfo, x: np.ndarray) -> np.ndarray:
        """The darkest and the brightest there is."""
        low, high = (0, 255) if x.dtype == np.uint8 else (x.min(), 10 * x.max() + 1)
        return np.stack([np.full_like(x[0], low), np.full_like(x[0], high)])

    def labelled(self, source: str, target: str | None, inputs: Inputs) -> DataSpec:
        """The images of a folder, or of a list, are brought to the model's size."""
        files = Path(source).is_dir() or is_table(Path(source))
        side = inputs["shape"][0] if files else None
        return DataSpec(source=source, target=target, image_size=side)

    def profile(self, columns: Sequence[Column], x: np.ndarray) -> dict[str, np.ndarray]:
        """Brightness, contrast and the means of the colours."""
        pixels = np.asarray(x[:_MOST_IMAGES], "float32")
        found = {"brightness": pixels.mean(axis=(1, 2, 3)), "contrast": pixels.std(axis=(1, 2, 3))}
        if pixels.shape[-1] == 3:
            means = pixels.mean(axis=(1, 2))
            found |= {name: means[:, i] for i, name in enumerate(("red", "green", "blue"))}
        return found

    def features(self, info: DataInfo, x: np.ndarray) -> np.ndarray:
        """Pixels, evenly spaced where there are many."""
        flat = x.reshape(len(x), -1).astype("float32")
        step = -(-flat.shape[1] // _MOST_FEATURES)
        return flat[:, ::step]


def _path_columns(table: Table, names: Sequence[str]) -> list[str]:
    """Those whose cells are names of images."""
    return [
        name
        for name in names
        if table[name].values.dtype == object and holds_paths(table[name].values.tolist())
    ]


def _path_column(where: str, table: Table, inputs: Sequence[str], spec: DataSpec) -> str:
    found = table.find(spec.image, "image") or tuple(_path_columns(table, inputs))
    if len(found) != 1 or found[0] not in inputs:
        raise DataError(
            f"{where}: one column must name the images, neither target nor ignored, and {len(found)} do; "
            f"name it with --set data.image=COLUMN; the columns are {table.listed()}"
        )
    return found[0]


IMAGES = Images()
