"""Data: sources, checks, one stratified split per study, and arrays that every worker maps.

Example:
    info = prepare(spec, Workspace(Path("runs")).data, seed=0)
    print(describe(info))
    arrays = open_arrays(data_folder(Workspace(Path("runs")).data, info.fingerprint))
"""

from autotrain.data.cache import data_folder, open_arrays, open_test, prepare
from autotrain.data.records import Arrays, DataInfo, Source, describe
from autotrain.data.sources import BUILT_IN_NAMES, load_source

__all__ = [
    "BUILT_IN_NAMES",
    "Arrays",
    "DataInfo",
    "Source",
    "data_folder",
    "describe",
    "load_source",
    "open_arrays",
    "open_test",
    "prepare",
]
