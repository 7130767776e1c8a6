"""What is read: one file for each kind of data, by its name."""

from autotrain.data.modalities.base import Modality
from autotrain.data.modalities.image import IMAGES
from autotrain.data.modalities.sequence import SEQUENCES
from autotrain.data.modalities.tabular import TABLES
from autotrain.data.modalities.text import TEXTS
from autotrain.registry import Registry

MODALITIES: Registry[Modality] = Registry(
    "modality",
    "autotrain.modalities",
    {modality.name: modality for modality in (IMAGES, TABLES, TEXTS, SEQUENCES)},
)


def modality_named(name: str) -> Modality:
    """The modality of a name, such as `tabular`.

    Raises:
        ConfigurationError: there is no such modality.
    """
    return MODALITIES.get(name)


__all__ = ["MODALITIES", "Modality", "modality_named"]
