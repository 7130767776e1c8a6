"""Private parts of Ray: what its driver prints, and when it reads how to authenticate."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def quiet_driver() -> Iterator[None]:
    """Within, Ray does not print of lost workers to standard output, which has our lines."""
    worker: Any = importlib.import_module("ray._private.worker")
    original = getattr(worker, "print_to_stdstream", None)
    worker.print_to_stdstream = lambda *args, **kwargs: None
    try:
        yield
    finally:
        worker.print_to_stdstream = original


def read_authentication_again() -> None:
    """Let Ray read its settings and token again: it does so when it is imported, and keeps them."""
    if "ray" in sys.modules:
        with suppress(ImportError, AttributeError):  # `ray.init` does it too, for some settings
            internals: Any = importlib.import_module("ray._raylet")
            internals.Config.initialize("")
            internals.AuthenticationTokenLoader.instance().reset_cache()
