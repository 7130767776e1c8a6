"""The worker process: `python -m autotrain.engines.local.main PIPE LIFELINE [keras]`.

It starts from this module, so the user's `__main__` is not run again, and it ends with its owner.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing.connection import Connection

from autotrain.engines.messages import Failed
from autotrain.engines.worker import load_keras, serve


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
            load_keras()
        except Exception as error:
            connection.send(Failed.of(0, error))
            return
    serve(connection)


def _die_with_owner(lifeline: int) -> None:
    os.read(lifeline, 1)  # returns when the coordinator is gone, however it went
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
