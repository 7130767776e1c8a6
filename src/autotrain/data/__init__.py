"""Data: sources, checks, one split per study, encoding fitted on its training part, and arrays
that every worker maps.

Example:
    info = prepare(spec, Workspace(Path("runs")).data, seed=0)
    print(describe(info))
    arrays = open_arrays(data_folder(Workspace(Path("runs")).data, info.fingerprint))
"""

from autotrain.data.arrays import assemble
from autotrain.data.cache import prepare, prepare_dataset
from autotrain.data.centring import centred, centred_inputs, centred_targets
from autotrain.data.dataset import SPLITS, Arrays, Column, DataInfo, Dataset
from autotrain.data.description import describe, task_of
from autotrain.data.modalities import MODALITIES, Modality, modality_named
from autotrain.data.prepared import (
    data_folder,
    find_prepared,
    open_arrays,
    open_info,
    open_series,
    open_test,
    prepared_before,
)
from autotrain.data.sources import BUILT_IN_NAMES, SOURCES, load_source
from autotrain.data.sources.base import DataSource, path_of
from autotrain.data.sources.table import assemble_table
from autotrain.data.texts import decode_texts, open_vocabulary

__all__ = [
    "BUILT_IN_NAMES",
    "MODALITIES",
    "SOURCES",
    "SPLITS",
    "Arrays",
    "Column",
    "DataInfo",
    "DataSource",
    "Dataset",
    "Modality",
    "assemble",
    "assemble_table",
    "centred",
    "centred_inputs",
    "centred_targets",
    "data_folder",
    "decode_texts",
    "describe",
    "find_prepared",
    "load_source",
    "modality_named",
    "open_arrays",
    "open_info",
    "open_series",
    "open_test",
    "open_vocabulary",
    "path_of",
    "prepare",
    "prepare_dataset",
    "task_of",
    "prepared_before",
]
