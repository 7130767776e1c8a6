"""How often Ray Tune gives a trial to an actor that has compiled its structure already.

    python benchmarks/ray_reuse.py [--trials 96] [--workers 2]

Actors are reused (`reuse_actors=True`, `reset_config`) and remember the structures of the last four
programs, as a worker of autotrain does; a trial takes a few milliseconds, for only the order counts.
The configurations are those of `benchmarks/throughput.py`. Beside it stands what autotrain's order
gives with the same number of workers: a worker gets the next trial of a structure that it knows,
else of one that no other worker has.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import tempfile
import time
from collections import OrderedDict
from typing import Any

import autotrain
from autotrain.catalog.families import structure_of
from autotrain.engines.ray.cluster import RayOptions, connected
from throughput import SPACE, _draw

KEPT = 4


class Known:
    """The structures that one worker has compiled."""

    def __init__(self) -> None:
        self.keys: OrderedDict[str, None] = OrderedDict()

    def use(self, key: str) -> bool:
        """Whether the structure was there; it is from now on."""
        there = key in self.keys
        self.keys[key] = None
        self.keys.move_to_end(key)
        while len(self.keys) > KEPT:
            self.keys.popitem(last=False)
        return there


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=96)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    configs = _draw(autotrain.load_space(SPACE), options.trials, 0)
    keys = [json.dumps(structure_of("cnn", config), default=str) for config in configs]
    print(f"work      {len(keys)} trials of {SPACE}, {len(set(keys))} distinct structures, "
          f"{options.workers} workers that keep {KEPT}")  # fmt: skip
    print(
        f"Ray Tune  {_tune(keys, options.workers):.0%} of the trials find their structure compiled"
    )
    print(f"autotrain {_ours(keys, options.workers):.0%}")


def _tune(keys: list[str], workers: int) -> float:
    import ray
    from ray import tune

    class Actor(tune.Trainable):
        def setup(self, config: dict[str, Any]) -> None:
            self.known, self.key = Known(), config["key"]

        def reset_config(self, new_config: dict[str, Any]) -> bool:
            self.key = new_config["key"]
            return True

        def step(self) -> dict[str, Any]:
            time.sleep(random.uniform(0.01, 0.05))
            return {"reused": self.known.use(self.key), "done": True}

    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
    os.environ.update(TUNE_DISABLE_AUTO_CALLBACK_LOGGERS="1", RAY_AIR_NEW_OUTPUT="0")
    with connected(RayOptions()), tempfile.TemporaryDirectory() as folder:
        room = {"CPU": ray.cluster_resources()["CPU"] / workers}
        results = tune.Tuner(
            tune.with_resources(Actor, room),
            param_space={"key": tune.grid_search(keys)},
            tune_config=tune.TuneConfig(reuse_actors=True),
            run_config=tune.RunConfig(
                storage_path=folder,
                verbose=0,
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
            ),
        ).fit()
        return sum(bool((result.metrics or {}).get("reused")) for result in results) / len(keys)


def _ours(keys: list[str], workers: int) -> float:
    known = [Known() for _ in range(workers)]
    left, hits, free = list(keys), 0, [0.0] * workers
    while left:
        worker = free.index(min(free))
        others = {key for k in known if k is not known[worker] for key in k.keys}

        def cost(key: str, worker: int = worker, others: set[str] = others) -> int:
            return 0 if key in known[worker].keys else 2 if key in others else 1

        key = min(left, key=cost)
        left.remove(key)
        hits += known[worker].use(key)
        free[worker] += random.uniform(0.01, 0.05)
    return hits / len(keys)


if __name__ == "__main__":
    main()
