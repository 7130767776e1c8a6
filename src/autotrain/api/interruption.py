"""Ctrl-C while an engine runs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from autotrain.engines.base import Engine
from autotrain.engines.callbacks import Callback


@contextmanager
def interruptible(engine: Engine, callback: Callback) -> Iterator[Callable[[], bool]]:
    """Within, the first Ctrl-C (or SIGTERM) asks the engine to stop, the second leaves at once.

    What is yielded tells whether there was one.
    """
    count = 0

    def handle(signum: int, frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count > 1:
            engine.close(at_once=True)
            raise KeyboardInterrupt
        engine.request_stop()
        callback.on_note("stopping: running trials finish their epoch; Ctrl-C again leaves at once")

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    previous = {s: signal.signal(s, handle) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: count > 0
    except KeyboardInterrupt:
        count = max(count, 1)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
