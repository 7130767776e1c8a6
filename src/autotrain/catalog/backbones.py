"""The pretrained backbones of `keras.applications`: how each wants its pixels, and how large.

Free of Keras, so that spaces are checked without it; a test compares the table with Keras.
"""

from __future__ import annotations

from itertools import chain

_BY_PREPARATION = {
    # 0 to 255; the backbone scales them itself
    "pixels": (
        *(f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")),
        *(f"EfficientNetB{number}" for number in range(8)),
        *(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")),
        *("MobileNetV3Small", "MobileNetV3Large"),
    ),
    # -1 to 1
    "symmetric": (
        *("MobileNet", "MobileNetV2", "InceptionV3", "InceptionResNetV2", "Xception"),
        *("NASNetMobile", "NASNetLarge", "ResNet50V2", "ResNet101V2", "ResNet152V2"),
    ),
    # standardized by ImageNet's mean and deviation of each channel
    "standardized": ("DenseNet121", "DenseNet169", "DenseNet201"),
    # blue, green, red, less ImageNet's mean of each channel
    "centred": ("ResNet50", "ResNet101", "ResNet152", "VGG16", "VGG19"),
}
PREPARATIONS = {name: how for how, names in _BY_PREPARATION.items() for name in names}
BACKBONES = tuple(sorted(chain(*_BY_PREPARATION.values())))
_SMALLEST = {"InceptionV3": 75, "InceptionResNetV2": 75, "Xception": 71}


def smallest_side(backbone: str) -> int:
    """The smallest image a backbone takes, in pixels."""
    return _SMALLEST.get(backbone, 32)
