"""Warm child processes, one per Keras backend, that run functions of the tests.

Keras's backend is chosen once per process and its import takes seconds, so the tests of a backend
share one process. `backend.run(function, *arguments)` runs a module-level function there.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import textwrap
from multiprocessing import Pipe

import cloudpickle
import pytest

from autotrain.training.runtime import environment

_SERVER = """
    import sys, traceback
    from multiprocessing.connection import Connection
    import cloudpickle
    from autotrain.training.runtime import prepare_framework
    connection = Connection(int(sys.argv[1]))
    prepare_framework()
    while True:
        try:
            function, arguments = cloudpickle.loads(connection.recv_bytes())
        except EOFError:
            break
        try:
            reply = ("value", function(*arguments))
        except BaseException as error:
            reply = ("error", f"{type(error).__name__}: {error}", traceback.format_exc())
        connection.send_bytes(cloudpickle.dumps(reply))
"""


class BackendError(Exception):
    """What the function raised in the child."""


class Backend:
    """A child process with a Keras backend on one thread."""

    def __init__(self, name: str, cache: str) -> None:
        self.name = name
        self.environment = {**os.environ, **environment(name, 1, None, 1), "XDG_CACHE_HOME": cache}
        self._connection, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(_SERVER), str(theirs.fileno())],
            env=self.environment,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def run(self, function, *arguments):
        cloudpickle.register_pickle_by_value(sys.modules[function.__module__])
        self._connection.send_bytes(cloudpickle.dumps((function, arguments)))
        kind, *rest = cloudpickle.loads(self._connection.recv_bytes())
        if kind == "error":
            raise BackendError(f"{rest[0]}\n{rest[1]}")
        return rest[0]

    def close(self) -> None:
        self._connection.close()
        self._process.wait(20)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        if item.get_closest_marker("slow_on_jax") and params.get("backend") == "jax":
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def backends(tmp_path_factory):
    running: dict[str, Backend] = {}
    cache = str(tmp_path_factory.mktemp("cache"))

    def get(name: str) -> Backend:
        if name not in running:
            running[name] = Backend(name, cache)
        return running[name]

    yield get
    for child in running.values():
        child.close()


@pytest.fixture(params=["tensorflow", "jax"])
def backend(request, backends):
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return backends(request.param)
