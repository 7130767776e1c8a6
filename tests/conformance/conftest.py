"""One behaviour, whatever places the workers: each test here runs on every engine.

A Ray cluster takes seconds to start, so all tests share one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cloudpickle
import pytest

import autotrain
import objectives
from autotrain.engines.ray.cluster import RayOptions, connected
from objectives import SPACE, quick


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    with connected(RayOptions()):
        yield


@pytest.fixture(params=["local", "ray"])
def engine(request) -> str:
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")
    return request.param


@pytest.fixture
def search(tmp_path, engine, request) -> Callable[..., Any]:
    """`search(objective, **options)` in the test's folder; functions travel by value."""
    cloudpickle.register_pickle_by_value(objectives)
    cloudpickle.register_pickle_by_value(request.module)

    def run(objective=quick, space=SPACE, **options):
        options = {"workers": 2, "runs": tmp_path / "runs", "trials": 8, "report": False, **options}
        options = {"display": "none", **options}
        return autotrain.search(space, objective=objective, engine=engine, **options)

    return run
