"""Whether a worker that stays alive keeps its memory: many trials, many structures, one process.

A child set up like a worker trains one-epoch trials of digits with the `Trainer` that workers use.
More structures than it keeps compiled come round in turn, so programs are built and dropped all
the time.

    python benchmarks/memory.py --backend tensorflow --trials 100 --structures 30
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psutil

PROGRAMS = 4  # compiled structures that a worker keeps
EVERY = 10  # trials between two lines
FLAT = 1.0  # MB a trial over the last half that still counts as flat


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backend", choices=["tensorflow", "jax"], default="tensorflow")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--structures", type=int, default=30)
    parser.add_argument("--objects", action="store_true", help="also say which objects grew")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        measure(options)
        return
    from autotrain.training.runtime import environment

    # Frameworks read their environment when they are imported, so the work is a child's.
    with tempfile.TemporaryDirectory(prefix="memory-") as cache:
        fresh = {"XDG_CACHE_HOME": cache} if options.backend == "jax" else {}
        env = {**os.environ, **environment(options.backend, 1, None, 1), **fresh}
        command = [sys.executable, __file__, *sys.argv[1:], "--child"]
        raise SystemExit(subprocess.run(command, env=env).returncode)


def measure(options: argparse.Namespace) -> None:
    """Train and print the resident memory as it goes."""
    from autotrain import load_space
    from autotrain.data import data_folder, open_arrays, prepare
    from autotrain.training.runtime import prepare_framework

    versions = prepare_framework()
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Verdict

    with tempfile.TemporaryDirectory(prefix="memory-") as name:
        folder = Path(name)
        info = prepare(load_space("digits_cnn").data, folder / "data", seed=0)
        arrays = open_arrays(data_folder(folder / "data", info.fingerprint))
        trainer = Trainer(arrays, info.classes, PROGRAMS)
        words = ", ".join(f"{package} {version}" for package, version in versions.items())
        print(f"{words}; {options.trials} trials of 1 epoch, {options.structures} structures, "
              f"{PROGRAMS} kept")  # fmt: skip
        sizes = [_resident()]
        print(f"{'trials':>6}  {'MB':>7}  {'since':>7}")
        print(f"{0:>6}  {sizes[0]:>7.0f}")
        before = _objects() if options.objects else {}
        for number in range(options.trials):
            trainer.run(_job(number, options.structures, folder), lambda record: Verdict.CONTINUE)
            sizes.append(_resident())
            if (number + 1) % EVERY == 0:
                grown = sizes[-1] - sizes[-1 - EVERY]
                print(f"{number + 1:>6}  {sizes[-1]:>7.0f}  {grown:>+7.1f}", flush=True)
        _print_growth(sizes)
        if options.objects:
            _print_objects(before, _objects())


def _job(number: int, structures: int, folder: Path) -> Any:
    from autotrain.training.job import Job

    kind = number % structures
    params = {
        "depth": 1 + kind % 2,
        "width": 8 + kind // 2,
        "optimizer": "adam" if kind % 3 else "sgd",
        "batch_size": 64,
        "learning_rate": 0.003 + 0.0001 * number,
        "schedule": "cosine",
        "weight_decay": 1e-4,
        "dropout": 0.1,
    }
    paths = folder / f"checkpoint-{number}", folder / "weights"
    return Job("cnn", params, number, 1, "val_accuracy", "maximize", *paths)


def _print_growth(sizes: list[float]) -> None:
    half = min(50, len(sizes) // 2)
    last = np.array(sizes[-half - 1 :])
    slope = np.polyfit(np.arange(len(last)), last, 1)[0]
    print(f"growth over the last {half} trials: {last[-1] - last[0]:+.1f} MB, "
          f"{slope:+.2f} MB a trial")  # fmt: skip
    if slope > FLAT:
        print(f"WARNING: memory is not flat (more than {FLAT:g} MB a trial)")


def _objects() -> dict[str, int]:
    gc.collect()
    counts: dict[str, int] = {}
    for thing in gc.get_objects():
        kind = f"{type(thing).__module__}.{type(thing).__qualname__}"
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def _print_objects(before: dict[str, int], after: dict[str, int]) -> None:
    grown = {kind: count - before.get(kind, 0) for kind, count in after.items()}
    for kind, count in sorted(grown.items(), key=lambda item: -item[1])[:40]:
        print(f"{count:>+9,}  {kind}")


def _resident() -> float:
    return psutil.Process().memory_info().rss / 2**20


if __name__ == "__main__":
    main()
