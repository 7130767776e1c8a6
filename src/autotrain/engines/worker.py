"""What a worker does, wherever it runs: train what it is told, and report every epoch.

It never decides and never touches storage.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from autotrain.compat.keras_import import import_keras
from autotrain.engines.messages import Call, Ended, EpochDone, Failed, Ready, Run
from autotrain.training.job import Runner
from autotrain.trial import Decision, Epoch


def serve(connection: Any) -> None:
    """Serve the coordinator at the other end until it closes the connection.

    Args:
        connection: has `send` and `recv`, as one of `multiprocessing`.
    """
    try:
        begin = connection.recv()
        _redirect_output(begin.log)
        runner = begin.trainable.open()
    except EOFError:
        return  # the coordinator found nothing to train
    except Exception as error:
        connection.send(Failed.of(0, error))
        return
    connection.send(Ready())
    while True:
        try:
            _answer(runner, connection, connection.recv())
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


def load_keras() -> None:
    """Import Keras and the training core, as fast as it goes."""
    import_keras()
    importlib.import_module("autotrain.training.trainer")


def _answer(runner: Runner, connection: Any, message: Run | Call) -> None:
    if isinstance(message, Call):
        try:
            facts = runner.call(message.name, message.job, message.path)
            connection.send(Ended(message.token, True, Decision.CONTINUE, facts=facts))
        except Exception as error:
            connection.send(Failed.of(message.token, error))
        return
    decisions = [Decision.CONTINUE]

    def report(record: Epoch) -> Decision:
        connection.send(EpochDone(message.token, record))
        decisions.append(connection.recv())
        return decisions[-1]

    _redirect_output(message.log)
    reply: Ended | Failed
    try:
        reached = runner.run(message.job, report)
        reply = Ended(message.token, reached, decisions[-1], runner.signatures(), runner.is_worn())
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:
        reply = Failed.of(message.token, error)
    connection.send(reply)


def _redirect_output(log: Any) -> None:
    """Whatever the trial prints, C libraries included, goes to its log."""
    sys.stdout.flush()
    sys.stderr.flush()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
