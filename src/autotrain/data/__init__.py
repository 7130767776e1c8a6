"""Data: sources, checks, one split per study, encoding fitted on its training part, and arrays
that every worker maps.

Example:
    info = prepare(spec, Workspace(Path("runs")).data, seed=0)
    print(describe(info))
    arrays = open_arrays(data_folder(Workspace(Path("runs")).data, info.fingerprint))
"""

from autotrain.data.cache import data_folder, open_arrays, open_info, open_test, prepare
from autotrain.data.dataset import SPLITS, Arrays, Column, DataInfo, Dataset
from autotrain.data.description import describe, opening
from autotrain.data.modalities import MODALITIES, Modality, modality_named
from autotrain.data.sources import BUILT_IN_NAMES, SOURCES, load_source
from autotrain.data.texts import decode_texts, open_vocabulary

__all__ = [
    "BUILT_IN_NAMES",
    "MODALITIES",
    "SOURCES",
    "SPLITS",
    "Arrays",
    "Column",
    "DataInfo",
    "Dataset",
    "Modality",
    "data_folder",
    "decode_texts",
    "describe",
    "load_source",
    "modality_named",
    "open_arrays",
    "open_info",
    "open_test",
    "open_vocabulary",
    "opening",
    "prepare",
]
