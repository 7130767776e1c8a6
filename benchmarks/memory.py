"""Whether a worker's place keeps its memory: many trials, many structures, one worker.

A real search of one-epoch trials on digits. More structures than a worker keeps compiled come
round in turn, so programs are built and dropped all the time; TensorFlow keeps about 6 MB of each,
which is why a worker that has dropped many is replaced by a fresh one.

    python benchmarks/memory.py --backend tensorflow --trials 100 --structures 30
"""

from __future__ import annotations

import argparse
import tempfile
from importlib import metadata

import psutil

from autotrain import Fixed, Float, Int, Space
from autotrain.api.options import SearchOptions
from autotrain.api.search import run_search
from autotrain.engines.callbacks import Callback
from autotrain.trial import Trial

EVERY = 10  # trials between two lines


class Scale(Callback):
    """Weighs the workers after every trial."""

    def __init__(self) -> None:
        self.sizes: list[float] = []
        self.workers: set[int] = set()

    def on_trial_end(self, trial: Trial) -> None:
        """Note the resident memory of all workers in MB, and who they are."""
        workers = psutil.Process().children()
        self.workers |= {worker.pid for worker in workers}
        self.sizes.append(sum(worker.memory_info().rss for worker in workers) / 2**20)
        if len(self.sizes) % EVERY == 0:
            print(f"{len(self.sizes):>6}  {self.sizes[-1]:>7.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backend", choices=["tensorflow", "jax"], default="tensorflow")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--structures", type=int, default=30)
    options = parser.parse_args()
    packages = ("autotrain", "keras", options.backend)
    print(", ".join(f"{package} {metadata.version(package)}" for package in packages))
    print(f"{options.trials} trials of 1 epoch, {options.structures} structures, 4 kept compiled")
    print("trials       MB")
    scale = Scale()
    parameters = {
        "depth": Int(1, 2),
        "width": Int(8, 8 + options.structures),
        "learning_rate": Float(1e-4, 1e-1, log=True),
        "dropout": Fixed(0.1),
    }
    space = Space(parameters, "val_accuracy", model="cnn", data="digits")
    configs = [_config(number, options.structures) for number in range(options.trials)]
    with tempfile.TemporaryDirectory(prefix="memory-") as runs:
        search = SearchOptions(
            trials=options.trials, epochs=1, pruner="none", workers=1, gpus="none",
            backend=options.backend, runs=runs, enqueue=configs, study="memory",
        )  # fmt: skip
        run_search(space, search, callbacks=[scale])
    half = len(scale.sizes) // 2
    early, late = max(scale.sizes[:half]), max(scale.sizes[half:])
    print(f"workers one after another: {len(scale.workers)}")
    print(f"peak over the first {half} trials {early:.0f} MB, over the last {half} {late:.0f} MB")


def _config(number: int, structures: int) -> dict[str, float]:
    kind = number % structures
    return {"depth": 1 + kind % 2, "width": 8 + kind, "learning_rate": 0.003 + 0.0001 * number}


if __name__ == "__main__":
    main()
