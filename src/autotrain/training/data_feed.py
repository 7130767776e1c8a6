"""How training data reaches the device: all of it once, or piece by piece ahead of the training.

Both hand the same compiled program an array of examples, the arrays of what it is to learn of them,
and the rows of each batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np

from autotrain.training.runtime import backend

Chunk = tuple[Any, tuple[Any, ...], np.ndarray]  # examples [rows, ...], as `Feed` has y, order


class Feed(Protocol):
    """Training data: x, and y, arrays with a row for each example.

    y is the labels and, where a teacher is, its outputs. `labels` lie on the host, for sampling.
    """

    labels: np.ndarray

    def chunks(self, order: np.ndarray, steps: int) -> Iterator[Chunk]:
        """The batches of `order` [n, batch], `steps` at a time; the last chunk may be shorter."""


class Resident:
    """Data that lies on the device; a chunk is only its rows."""

    def __init__(self, x: np.ndarray, *y: np.ndarray) -> None:
        self.labels = y[0]
        self._data = backend().place(x), tuple(map(backend().place, y))

    def chunks(self, order: np.ndarray, steps: int) -> Iterator[Chunk]:
        """See `Feed`."""
        for first in range(0, len(order), steps):
            yield (*self._data, order[first : first + steps])


class Streamed:
    """Data gathered on the host, the next chunk while the device trains on the one before."""

    def __init__(self, x: np.ndarray, *y: np.ndarray) -> None:
        self.labels = y[0]
        self._x, self._y = x, y

    def chunks(self, order: np.ndarray, steps: int) -> Iterator[Chunk]:
        """See `Feed`; every chunk has `steps` batches, the last one filled up with any."""
        pieces = [order[first : first + steps] for first in range(0, len(order), steps)]
        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(self._gather, pieces[0], steps)
            for i in range(len(pieces)):
                chunk = ahead.result()
                if i + 1 < len(pieces):
                    ahead = pool.submit(self._gather, pieces[i + 1], steps)
                yield chunk

    def _gather(self, order: np.ndarray, steps: int) -> Chunk:
        rows = np.resize(order, (steps, order.shape[1])).reshape(-1)
        own = np.arange(order.size, dtype=order.dtype).reshape(order.shape)
        return self._x[rows], tuple(part[rows] for part in self._y), own
