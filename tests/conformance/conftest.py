"""A Ray cluster takes seconds to start, so all tests share one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autotrain.engines.ray.cluster import RayOptions, connected

# What the coordinator decides, whatever places the workers: of Ray a search takes seconds to start.
SLOW_ON_RAY = (
    "test_enqueued_configurations_run_first",
    "test_inactive_parameters_are_neither_given_nor_stored",
    "test_maximizing_equals_minimizing_the_negative",
    "test_names_of_any_kind",
    "test_seeds_are_those_of_study_and_number",
    "test_a_target_ends_the_search",
    "test_two_objectives_give_a_front",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        of_ray = item.cls is not None and item.cls.__name__ == "TestRayEngine"
        if of_ray and item.originalname in SLOW_ON_RAY:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    with connected(RayOptions()):
        yield
