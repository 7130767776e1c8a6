"""The dashboard: a live page of all studies."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

from autotrain.dashboard.app import create


def open_dashboard(
    runs: str | Path = "runs",
    *,
    storage: str | None = None,
    host: str = "127.0.0.1",
    port: int | None = None,
    browser: bool = True,
    wait: bool = True,
    tell: Callable[[str], None] = print,
) -> str:
    """Serve a live page of all studies, on this machine only. It looks, and changes nothing.

    Args:
        runs: the workspace.
        storage: the database, where it is another one than the studies' own.
        host: another one than this machine's own needs the token that is in the address.
        port: by default 8050, or the next free one.
        browser: open the page in one.
        wait: until Ctrl-C; otherwise serve beside the program, as long as that runs.
        tell: given the address as a sentence.

    Returns:
        The address.

    Raises:
        ConfigurationError: the address is taken, or there is no such host.
    """
    server, address = create(Path(runs), storage, host, port)
    tell(f"the dashboard is at {address}" + ("  (Ctrl-C ends it)" if wait else ""))
    if browser:
        webbrowser.open(address)
    if wait:
        server.run()
    else:
        threading.Thread(target=server.run, name="dashboard", daemon=True).start()
    return address
