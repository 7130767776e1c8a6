"""Guards of what we use of other libraries that their authors did not promise to keep.

They run with all tests, and alone against newer versions:

    pip install -U optuna keras ray && python -m pytest -m compat
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.compat)


@contextmanager
def adapting(library: str, module: str) -> Iterator[None]:
    """Whatever goes wrong within is a change of the library: say which file of ours to adapt."""
    try:
        yield
    except Exception as error:  # a failed assertion too
        pytest.fail(
            f"{library} {version(library)} is not as autotrain/compat/{module} needs it, which must "
            f"be adapted: {type(error).__name__}: {error}"
        )


@pytest.fixture(scope="session")
def adapt():
    return adapting
