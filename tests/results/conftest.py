"""Real studies, searched once for all tests of what is shown of them."""

from __future__ import annotations

import pytest

import autotrain
from autotrain.engines.observer import Observer


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name in ("one", "two"):
        autotrain.search(
            "digits_cnn", study=name, runs=folder, trials=3, epochs=2, workers=1, pruner="none",
            overrides={"depth": 1, "width": 8}, observer=Observer(), gpus="none",
            seed=3,
        )  # fmt: skip
    return folder
