"""The line between the driver and a worker on any node: two authenticated TCP connections.

The coordinator talks over it exactly as over the pipe of a local worker. The second connection is a
lifeline: when the driver closes it, or dies, the worker's process ends at once, even if it hangs.
What travels is pickled, so both sides prove first that they know the search's secret key.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import (
    Client,
    Connection,
    Listener,
    answer_challenge,
    deliver_challenge,
)
from typing import Any

_HANDSHAKE_SECONDS = 30
_BACKLOG = 1024

Joined = Callable[[str, str, "Connection[Any, Any]"], None]


class Exchange:
    """The driver's end: accepts workers, each known by the ticket that it was started with.

    Args:
        joined: called with a ticket, the connection's purpose (`talk` or `lifeline`) and the
            connection, in a thread of its own.
    """

    def __init__(self, host: str, key: bytes, joined: Joined) -> None:
        self._listener, self._key, self._joined = Listener((host, 0), backlog=_BACKLOG), key, joined
        self.address: tuple[str, int] = self._listener.address
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept nobody any more."""
        self._closed = True
        with suppress(OSError):  # wake the thread that accepts
            socket.create_connection(self.address, 1).close()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection = self._listener.accept()
            except OSError:
                continue
            # In a thread of its own: whoever connects and says nothing keeps nobody waiting.
            threading.Thread(target=self._greet, args=(connection,), daemon=True).start()

    def _greet(self, connection: Any) -> None:
        try:
            _limit(connection, _HANDSHAKE_SECONDS)
            deliver_challenge(connection, self._key)
            answer_challenge(connection, self._key)
            ticket, purpose = connection.recv_bytes(1000).decode().split()
            _limit(connection, 0)
        except (OSError, EOFError, ValueError, AuthenticationError):
            connection.close()
            return
        _tune(connection)
        self._joined(ticket, purpose, connection)


def dial(address: tuple[str, int], key: bytes, ticket: str, purpose: str) -> Connection[Any, Any]:
    """A worker's connection to the driver."""
    connection: Any = Client(address, authkey=key)
    _tune(connection)
    connection.send_bytes(f"{ticket} {purpose}".encode())
    return connection


def _tune(connection: Any) -> None:
    """Send small messages at once, and notice within a minute when the other machine is gone."""
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, name):
                end.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _limit(connection: Any, seconds: int) -> None:
    """Let a read fail after so many seconds; 0 lets it wait for ever."""
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", seconds, 0))


def hang_up(connection: Any) -> None:
    """Have both ends read the end of the connection, whoever is reading it now."""
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)
