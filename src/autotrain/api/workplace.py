"""Where the workers of a search run: this machine, or a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autotrain.api.options import SearchOptions, slots_of
from autotrain.engines.local.launcher import LocalWorkers, warm_workers
from autotrain.engines.resources import Slot
from autotrain.engines.worker_handle import Launcher


@contextmanager
def workplace(
    options: SearchOptions, trials: int, keras: bool
) -> Iterator[tuple[Sequence[Slot], Launcher]]:
    """The places of workers, and what starts workers there.

    Raises:
        ConfigurationError: there is no such place.
    """
    backend = str(options.backend)
    if options.engine == "ray":
        from autotrain.engines.ray.cluster import RayOptions, connected

        names = ("address", "cpus_per_trial", "gpus_per_trial", "storage_path")
        chosen = RayOptions(**{name: getattr(options, name) for name in names})
        with connected(chosen) as cluster:
            from autotrain.engines.ray.launcher import RayWorkers

            places = cluster.slots(chosen, options.workers, trials)
            yield places, RayWorkers(cluster, chosen, backend, keras, places)
        return
    slots = slots_of(options, trials)
    with warm_workers(slots if keras else (), backend) as warm:
        yield slots, LocalWorkers(backend, "keras" if keras else None, warm)
