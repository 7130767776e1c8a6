"""The worker process: `python -m autotrain.engines.local.worker PIPE LIFELINE [keras]`.

It starts from this module, so the user's `__main__` is not run again, and it ends with its owner.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from autotrain.engines import messages
from autotrain.engines.serving import serve


def main(pipe: int, lifeline: int, framework: str | None = None) -> None:
    """Serve the coordinator at the other end of the inherited descriptors.

    Args:
        framework: `keras` when that will be needed: it loads while the coordinator prepares.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to handle
    threading.Thread(target=_die_with_owner, args=(lifeline,), daemon=True).start()
    connection = Connection(pipe)
    if framework == "keras":
        try:
            with without("sklearn", "pandas"):
                importlib.import_module("keras")
        except Exception as error:
            connection.send(messages.Failed.of(0, error))
            return
    serve(connection)


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """Within, the packages cannot be imported, unless they are already.

    Keras loads them for its scikit-learn wrappers and for data frames, of which a worker has none:
    1.7 of the 3.8 s that its import takes.
    """
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _die_with_owner(lifeline: int) -> None:
    os.read(lifeline, 1)  # returns when the coordinator is gone, however it went
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
