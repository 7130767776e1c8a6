"""The worker process: `python -m autotrain.engines.local.worker PIPE LIFELINE [keras]`.

It trains what it is told and reports every epoch; it never decides and never touches storage. It
starts from this module, so the user's `__main__` is not run again, and it ends with its owner.
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
from typing import Any

from autotrain.engines.local import messages
from autotrain.engines.runners import Runner
from autotrain.trial import EpochRecord, Verdict


def main(pipe: int, lifeline: int, framework: str | None = None) -> None:
    """Serve the coordinator at the other end of the inherited descriptors.

    Args:
        framework: `keras` when that will be needed: it loads while the coordinator prepares.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to handle
    threading.Thread(target=_die_with_owner, args=(lifeline,), daemon=True).start()
    connection = Connection(pipe)
    try:
        if framework == "keras":
            with _without("sklearn", "pandas"):
                importlib.import_module("keras")
        begin = connection.recv()
        _redirect_output(begin.log)
        runner = begin.setup.build()
    except EOFError:
        return  # the coordinator found nothing to train
    except Exception as error:
        connection.send(messages.Failed.of(0, error))
        return
    connection.send(messages.Ready())
    while True:
        try:
            _serve(runner, connection, connection.recv())
        except (EOFError, BrokenPipeError):
            return


@contextmanager
def _without(*packages: str) -> Iterator[None]:
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


def _serve(runner: Runner, connection: Connection, message: Any) -> None:
    if isinstance(message, messages.SaveModel):
        try:
            facts = runner.save_model(message.job, message.path)
            reply: Any = messages.Ended(message.token, True, Verdict.CONTINUE, facts=facts)
        except Exception as error:
            reply = messages.Failed.of(message.token, error)
        connection.send(reply)
        return
    verdicts = [Verdict.CONTINUE]

    def report(record: EpochRecord) -> Verdict:
        connection.send(messages.Epoch(message.token, record))
        verdicts.append(connection.recv())
        return verdicts[-1]

    _redirect_output(message.log)
    try:
        reached = runner.run(message.job, report)
        reply = messages.Ended(
            message.token, reached, verdicts[-1], runner.structures(), runner.is_worn()
        )
    except (EOFError, BrokenPipeError):
        raise
    except Exception as error:
        reply = messages.Failed.of(message.token, error)
    connection.send(reply)


def _redirect_output(log: Any) -> None:
    """Whatever the trial prints, C libraries included, goes to its log."""
    sys.stdout.flush()
    sys.stderr.flush()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
