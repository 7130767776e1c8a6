"""Importing Keras fast."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def import_keras() -> None:
    """Import Keras without scikit-learn and pandas.

    Keras loads them for its scikit-learn wrappers and for data frames, of which a worker has none:
    1.7 of the 3.8 s that its import takes. It does without them where they are not installed.
    """
    with _hidden("sklearn", "pandas"):
        importlib.import_module("keras")


@contextmanager
def _hidden(*packages: str) -> Iterator[None]:
    """Within, the packages cannot be imported, unless they are already."""
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
