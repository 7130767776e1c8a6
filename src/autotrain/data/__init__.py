"""Data: sources, checks, one split per study, encoding fitted on its training part, and arrays
that every worker maps.

Example:
    info = prepare(spec, Workspace(Path("runs")).data, seed=0)
    print(describe(info))
    arrays = open_arrays(data_folder(Workspace(Path("runs")).data, info.fingerprint))
"""

from autotrain.data.cache import data_folder, open_arrays, open_info, open_test, prepare
from autotrain.data.dataset import GOALS, Arrays, Column, DataInfo, Source
from autotrain.data.decoding import readable
from autotrain.data.description import describe
from autotrain.data.sources import BUILT_IN_NAMES, load_source
from autotrain.data.texts import decode_texts, open_vocabulary, tokenize

__all__ = [
    "BUILT_IN_NAMES",
    "GOALS",
    "Arrays",
    "Column",
    "DataInfo",
    "Source",
    "data_folder",
    "decode_texts",
    "describe",
    "load_source",
    "open_arrays",
    "open_info",
    "open_test",
    "open_vocabulary",
    "prepare",
    "readable",
    "tokenize",
]
