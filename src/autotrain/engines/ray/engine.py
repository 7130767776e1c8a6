"""The engine on Ray: the coordinator, with workers that Ray Tune places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autotrain.engines.base import Engine, EngineOptions
from autotrain.engines.coordinator import Coordinator
from autotrain.engines.ray.cluster import RayOptions, connected


@contextmanager
def opened(options: EngineOptions, hang_seconds: float) -> Iterator[Engine]:
    """The engine on a Ray cluster, one that runs or one that is started here.

    Raises:
        ConfigurationError: the options are impossible, or no cluster answers.
    """
    chosen = RayOptions(
        options.address, options.cpus_per_trial, options.gpus_per_trial, options.storage_path
    )
    with connected(chosen) as cluster:
        from autotrain.engines.ray.launcher import RayLauncher  # which imports Ray

        slots = cluster.slots(chosen, options.workers, options.trials)
        launcher = RayLauncher(cluster, chosen, options.backend, options.keras, slots)
        yield Coordinator(slots, launcher, hang_seconds)
