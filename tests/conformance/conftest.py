"""A Ray cluster takes seconds to start, so all tests share one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autotrain.engines.ray.cluster import RayOptions, connected


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    with connected(RayOptions()):
        yield
