"""What holds for all tests, and for the processes that they start."""

import os

import pytest

pytest_plugins = ["backends", "models", "simulation"]

# Compiling takes most of the time of tests on JAX, and faster code gains nothing in so few steps.
# Not 0: there the gradient of a convolution over time was not a number (jax 0.10.2).
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=1".strip()
)


# What takes long to make and is shared: all tests of one stay in one process of pytest-xdist.
SHARED = ("ray_cluster", "studies", "runs")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        shared = [name for name in SHARED if name in item.fixturenames]
        group = shared[0] if shared else item.path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """A workspace with two real studies, searched once for all tests of what is shown of them."""
    import autotrain

    folder = tmp_path_factory.mktemp("runs")
    for name in ("one", "two"):
        autotrain.search(
            "digits_cnn", study=name, runs=folder, trials=3, epochs=2, workers=1, pruner="none",
            overrides={"depth": 1, "width": 8}, display="none", gpus="none",
            seed=3,
        )  # fmt: skip
    return folder
