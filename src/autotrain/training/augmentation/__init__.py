"""Image augmentation inside the compiled step, each part with a strength of its own.

`layer.py` puts the parts in the field's order: geometry, colour, erasing, then mixing of examples.
`amounts.py` draws how much of each transformation an image gets, RandAugment's choices included,
so that all geometry is one affine map and no transformation is computed twice.
"""

from autotrain.training.augmentation.layer import Augmentation

__all__ = ["Augmentation"]
