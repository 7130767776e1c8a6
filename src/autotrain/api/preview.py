"""A picture of the augmentation that a space searches over, on real images."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from autotrain.api.data import with_data
from autotrain.api.options import SearchOptions, checked
from autotrain.catalog.families import parts_of
from autotrain.catalog.hyperparameters import AUGMENTATION
from autotrain.data import data_folder, open_arrays
from autotrain.errors import ConfigurationError
from autotrain.paths import Workspace
from autotrain.space import Fixed, Space
from autotrain.training.runtime import environment, prepare_framework

STRENGTHS = (0.0, 0.5, 1.0)
_IMAGES = 4


def draw_augmentation(space: Space, options: SearchOptions, out: Path) -> tuple[str, ...]:
    """Write a picture: a row for each part of augmentation, images at strengths 0, 0.5 and 1.

    Runs the core on the CPU of this process. The images are of the training part.

    Args:
        options: `data`, `runs` and `backend` count.
        out: the file; its ending says the format.

    Returns:
        The parts drawn.

    Raises:
        ConfigurationError: the space has no augmentation, the data are no images, or the file
            cannot be written.
        DataError, SpaceError: as in a search.
    """
    parts = searched_parts(space)
    if not parts:
        known = ", ".join(AUGMENTATION)
        raise ConfigurationError(
            f"the space '{space.name}' has no augmentation: give it a parameter of {known}"
        )
    options, workspace = checked(options), Workspace(Path(options.runs))
    _, info = with_data(space, options, workspace)
    if info.modality != "image":
        raise ConfigurationError(
            f"augmentation is for images, but '{info.source}' is {info.modality}"
        )
    os.environ.update(environment(str(options.backend), 1, None, 1))
    prepare_framework()
    from autotrain.reports.image_grid import picture_of
    from autotrain.training.augmentation.colour import pixel_range
    from autotrain.training.inputs import shape_of
    from autotrain.training.preview import augmented

    folder = data_folder(workspace.data, info.fingerprint)
    arrays = open_arrays(folder)
    shape = shape_of(arrays, info, folder)
    rows = augmented(_examples(arrays.x_train, arrays.y_train), shape, parts, STRENGTHS)
    columns = [f"strength {strength:g}" for strength in STRENGTHS]
    title = f"Augmentation in the space {space.name}, on {info.source}"
    try:
        picture_of(rows, columns, pixel_range(shape), title).save(out)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the picture {out} cannot be written: {error}") from None
    return parts


def searched_parts(space: Space) -> tuple[str, ...]:
    """The parts of augmentation that some configuration of a space has at a strength above 0."""
    present = {
        name: 0.0 if isinstance(parameter, Fixed) and not parameter.value else 1.0
        for name, parameter in space.parameters.items()
        if name in AUGMENTATION
    }
    if present.get("augmentation") == 0.0:
        return ()
    return tuple(name for name in parts_of(present) if present.get(name, 1.0))


def _examples(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A few images, of different classes where that is possible."""
    if np.ndim(y) == 1:
        _, first = np.unique(y, return_index=True)
        chosen = [*first[:_IMAGES], *range(_IMAGES)][: min(_IMAGES, len(x))]
    else:
        chosen = list(range(min(_IMAGES, len(x))))
    return np.asarray(x[np.array(chosen)])
