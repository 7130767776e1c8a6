"""What one trial costs, part by part: in a fresh process, and where its structure is compiled.

    python benchmarks/ledger.py [--backend tensorflow,jax] [--model cnn] [--data digits]

Each backend runs in processes of its own, on as many threads as a worker of a search has here. On
JAX the fresh trial is measured twice: with an empty compilation cache, and with the cache of before.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from autotrain.data import data_folder, open_arrays, prepare
from autotrain.space import DataSpec
from autotrain.training.runtime import environment, prepare_framework

PARAMS = {
    "cnn": {"depth": 2, "width": 32, "batch_size": 32, "optimizer": "sgd", "augmentation": 0.5},
    "mlp": {"depth": 2, "width": 64, "batch_size": 32, "optimizer": "sgd"},
    "resnet": {"depth": 3, "width": 16, "batch_size": 64, "optimizer": "sgd", "augmentation": 0.5},
}
ROWS = {
    "build": "build the model",
    "start": "draw weights, set values",
    "compile": "trace and compile training",
    "first": "first step",
    "step": "steady step",
    "compile_evaluation": "trace and compile evaluation",
    "evaluation": "evaluation of the validation part",
    "write": "write the checkpoint",
    "read": "read the checkpoint",
}


def main() -> None:
    options = _options()
    if options.child:
        print(json.dumps(_measure(options)))
        return
    versions = ["autotrain", "keras", *options.backend.split(","), "numpy"]
    print(f"machine   {os.cpu_count()} cores, {options.threads} threads used, no GPU")
    print("versions  " + ", ".join(f"{name} {metadata.version(name)}" for name in versions))
    print(f"work      {options.model} on {options.data}: {PARAMS[options.model]}")
    print(f"load      {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as scratch:
        for backend in options.backend.split(","):
            _print(backend, options, Path(scratch))


def _print(backend: str, options: argparse.Namespace, scratch: Path) -> None:
    fresh = _child(backend, options, scratch)
    columns = {"fresh": fresh["fresh"]}
    if backend == "jax":
        warm = _child(backend, options, scratch)
        columns = {"fresh, cache empty": fresh["fresh"], "fresh, cache warm": warm["fresh"]}
        fresh = warm
    columns["reused"] = fresh["reused"]
    print(f"| {backend}, ms | " + " | ".join(columns) + " |")
    print("| --- |" + " --- |" * len(columns))
    for key, label in ROWS.items():
        cells = (
            f"{1000 * column[key]:.1f}" if key in column else "0" for column in columns.values()
        )
        print(f"| {label} | " + " | ".join(cells) + " |")
    print(f"\n{fresh['steps']} steps an epoch of {fresh['train']} examples\n", flush=True)


def _child(backend: str, options: argparse.Namespace, scratch: Path) -> Any:
    command = [sys.executable, __file__, "--child", str(scratch), "--model", options.model]
    command += ["--data", options.data, "--repeat", str(options.repeat)]
    env = {**os.environ, **environment(backend, options.threads, None, 1)}
    env["XDG_CACHE_HOME"] = str(scratch / "cache")
    answer = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"{backend} failed:\n{answer.stderr[-3000:]}")
    return json.loads(answer.stdout.strip().splitlines()[-1])


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    """Both columns, in seconds, in this process."""
    prepare_framework()
    from autotrain.training.inputs import shape_of
    from autotrain.training.program import Program

    cache = Path(options.child) / "data"
    info = prepare(DataSpec(source=options.data), cache, 0)
    folder = data_folder(cache, info.fingerprint)
    arrays = open_arrays(folder)
    shape, params = shape_of(arrays, info, folder), PARAMS[options.model]
    build, program = _timed(lambda: Program(options.model, params, shape))
    fresh = {"build": build, **_trial(program, arrays, params, options)}
    other = {**params, "learning_rate": 0.01, "dropout": 0.2}
    before = program.loop.traces
    reused = _trial(program, arrays, other, options)
    assert program.loop.traces == before
    reused = {k: v for k, v in reused.items() if not k.startswith("compile")}
    return {
        "fresh": fresh,
        "reused": reused,
        "steps": program.chunk_steps,
        "train": len(arrays.x_train),
    }


def _trial(program: Any, arrays: Any, params: Any, options: argparse.Namespace) -> dict[str, float]:
    import numpy as np

    from autotrain.training.checkpoint import read_checkpoint, write_checkpoint
    from autotrain.training.data_feed import Resident

    feed = Resident(arrays.x_train, arrays.y_train)
    order = np.random.default_rng(0).permutation(len(arrays.x_train))
    order = order[: program.chunk_steps * program.batch_size].reshape(-1, program.batch_size)
    rates = np.full(len(order), 0.01)
    path = Path(options.child) / "checkpoint"

    def steps(count: int) -> None:
        program.train_epoch(feed, order[:count], rates[:count])

    def repeated(work: Callable[[], Any]) -> float:
        return statistics.median(_timed(work)[0] for _ in range(options.repeat))

    start, _ = _timed(lambda: program.start(params, 1))
    first, _ = _timed(lambda: steps(1))
    second, _ = _timed(lambda: steps(1))
    step = repeated(lambda: steps(len(order))) / len(order)
    looked, _ = _timed(lambda: program.predict(arrays.x_validation))
    evaluation = repeated(lambda: program.predict(arrays.x_validation))
    write = repeated(lambda: write_checkpoint(path, {}, {"state": program.state()}))
    read = repeated(lambda: program.load_state(read_checkpoint(path)[1]["state"]))
    return {
        "start": start,
        "compile": max(0.0, first - second),
        "first": second,
        "step": step,
        "compile_evaluation": max(0.0, looked - evaluation),
        "evaluation": evaluation,
        "write": write,
        "read": read,
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backend", default="tensorflow,jax")
    parser.add_argument("--model", choices=list(PARAMS), default="cnn")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
