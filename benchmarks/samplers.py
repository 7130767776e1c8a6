"""Samplers and pruners on the learning curves of LCBench, at an equal budget of epochs.

    python benchmarks/samplers.py --data /path/to/lcbench

The real session decides about simulated trainings whose curves come from YAHPO Gym's surrogate of
LCBench (`model.onnx`, `encoding.json` from https://github.com/slds-lmu/yahpo_data, Apache-2.0).
The tasks are those set aside for tuning a search strategy; others are for comparing tools.

Normalized regret: (b - f) / (b - m), with f the best complete trial of the search at its best
epoch, b the best and m the median of 2,000 random configurations trained in full. 0 is as good as
the best of 2,000, below 0 better than it, and 1 as good as one random configuration. "Seen" counts the
best epoch of any trial instead, complete or not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import optuna

from autotrain.paths import Workspace
from autotrain.space import Choice, Float, Int, Space
from autotrain.storage.optuna_storage import StudyStorage
from autotrain.storage.settings import StudySettings
from autotrain.trial import Decision, Epoch, Trial, derive_seed
from autotrain.tuner.samplers.optuna import OptunaSampler
from autotrain.tuner.session import StudySession
from machine import machine_line
from simulated import open_session

TASKS = [
    "3945", "7593", "34539", "126025", "126026", "146212", "167104", "167149",
    "167152", "167161", "167168", "167181", "167184", "167185", "167190", "167200",
    "168329", "168331", "168335", "168868", "168908", "189354",
]  # fmt: skip
EPOCHS = 52
INPUTS = [
    "batch_size",
    "learning_rate",
    "momentum",
    "weight_decay",
    "num_layers",
    "max_units",
    "max_dropout",
]
RANDOM = 2000


class Surrogate:
    """Learning curves of one task: validation accuracy in percent, per epoch."""

    def __init__(self, folder: Path, task: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(folder / "model.onnx", options)
        self._code = json.loads((folder / "encoding.json").read_text())["OpenML_task_id"][task]

    def curves(self, configurations: list[dict[str, Any]]) -> np.ndarray:
        """`[configurations, epochs]`."""
        rows = np.array([[float(c[name]) for name in INPUTS] for c in configurations])
        epochs = np.tile(np.arange(1, EPOCHS + 1), len(rows))[:, None]
        numbers = np.hstack([epochs, np.repeat(rows, EPOCHS, axis=0)]).astype("float32")
        codes = np.full((len(numbers), 1), self._code, dtype="int32")
        out = self._session.run(None, {"x_cat": codes, "x_cont": numbers})[0]
        return np.clip(out[:, 1], 0, 100).reshape(len(rows), EPOCHS)


def flat_space() -> Space:
    """The space of LCBench."""
    parameters = {
        "batch_size": Int(16, 512, log=True),
        "learning_rate": Float(1e-4, 0.1, log=True),
        "momentum": Float(0.1, 0.99),
        "weight_decay": Float(1e-5, 0.1),
        "num_layers": Int(1, 5),
        "max_units": Int(64, 1024, log=True),
        "max_dropout": Float(0.0, 1.0),
    }
    return Space(parameters, {"metric": "val_accuracy", "direction": "maximize"})


def conditional_space() -> Space:
    """The same with two switches, so that some parameters exist in some trials only."""
    parameters = {
        **flat_space().parameters,
        "regularize": Choice(["none", "decay", "dropout", "both"]),
        "deep": Choice([False, True]),
        "weight_decay": Float(1e-5, 0.1, when={"regularize": ["decay", "both"]}),
        "max_dropout": Float(0.0, 1.0, when={"regularize": ["dropout", "both"]}),
        "num_layers": Int(2, 5, when={"deep": True}),
    }
    return Space(parameters, {"metric": "val_accuracy", "direction": "maximize"})


ABSENT = {"weight_decay": 1e-5, "max_dropout": 0.0, "num_layers": 1}


def tpe(**settings: Any) -> Callable[..., Any]:
    """A factory for TPE with other settings than the product's."""

    def factory(seed: int, number: int, space: Space) -> Any:
        return optuna.samplers.TPESampler(
            seed=derive_seed(seed, number), constant_liar=True, **settings
        )

    return factory


@dataclass(frozen=True)
class Variant:
    """One way to search."""

    label: str
    sampler: str = "tpe"
    pruner: str = "none"
    first_rung: int | None = None
    factory: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Found:
    """What a search came to: the best complete trial (None: there is none), the best of all."""

    complete: float | None
    seen: float
    trials: int


@dataclass
class Budget:
    """Epochs that a search may train."""

    left: int

    def spend(self) -> None:
        """One epoch."""
        self.left -= 1


def search(
    variant: Variant, space: Space, surrogate: Surrogate, seed: int, epochs: int, folder: Path
) -> Found:
    """Search until the epochs are spent."""
    settings = StudySettings(
        "bench", space, EPOCHS, seed, variant.pruner, "function", None, variant.first_rung, id="b"
    )
    storage = StudyStorage(optuna.storages.InMemoryStorage())
    paths = Workspace(folder).study("bench")
    sampler: str | OptunaSampler = variant.sampler
    if variant.factory is not None:
        sampler = OptunaSampler(variant.factory, variant.label)
    session = open_session(settings, paths, storage, sampler, trials=100_000)
    budget = Budget(epochs)
    while budget.left > 0 and (trial := session.next_trial()) is not None:
        _train(session, session.on_assigned(trial.number, 0), surrogate, budget)
    shutil.rmtree(folder, ignore_errors=True)
    best = session.best()
    seen = max(trial.values[0] for trial in session.trials.values() if trial.values)
    return Found(best.values[0] if best else None, seen, len(session.trials))


def _train(session: StudySession, trial: Trial, surrogate: Surrogate, budget: Budget) -> None:
    number, curve = trial.number, surrogate.curves([{**ABSENT, **trial.params}])[0]
    for epoch in range(trial.last_epoch + 1, EPOCHS + 1):
        if budget.left <= 0:
            return None
        budget.spend()
        record = Epoch(epoch, {"val_accuracy": float(curve[epoch - 1])})
        decision = session.report(number, record)
        if decision is Decision.PAUSE:
            return session.on_paused(number)
        if decision is Decision.STOP:
            return session.on_stopped(number)
    return session.on_completed(number)


@dataclass(frozen=True)
class Scale:
    """The best and the median of many random configurations of a task."""

    best: float
    median: float

    def regret(self, found: float) -> float:
        """0 at the best, 1 at the median."""
        return (self.best - found) / (self.best - self.median)


@cache
def scale_of(folder: Path, task: str) -> Scale:
    """From 2,000 random configurations of the flat space, trained in full."""
    random = np.random.default_rng(0)

    def draw(parameter: Any) -> Any:
        low, high = parameter.low, parameter.high
        if parameter.log:
            value = float(np.exp(random.uniform(np.log(low), np.log(high))))
        else:
            value = float(random.uniform(low, high))
        return round(value) if isinstance(parameter, Int) else value

    space = flat_space()
    found = [{n: draw(p) for n, p in space.parameters.items()} for _ in range(RANDOM)]
    values = Surrogate(folder, task).curves(found).max(axis=1)
    return Scale(float(values.max()), float(np.median(values)))


def tpe_variants() -> list[Variant]:
    """(1) TPE's settings, without pruning."""
    return [
        Variant("random", "random"),
        Variant("tpe, independent", factory=tpe(multivariate=False)),
        Variant("tpe, multivariate", factory=tpe(multivariate=True)),
        Variant("tpe, multivariate, group", factory=tpe(multivariate=True, group=True)),
    ]


def pruner_variants() -> list[Variant]:
    """(2) pruners, under the product's TPE."""
    return [
        Variant("none"),
        Variant("median", pruner="median"),
        Variant("hyperband", pruner="hyperband"),
        Variant("asha, first rung 1", pruner="asha", first_rung=1),
        Variant(f"asha, first rung {round(EPOCHS / 3)} (e/3)", "tpe", "asha", round(EPOCHS / 3)),
        Variant(f"asha, first rung {round(EPOCHS / 9)} (e/9)", pruner="asha"),
    ]


def compare(
    title: str, variants: list[Variant], space: Space, arguments: argparse.Namespace, trials: int
) -> None:
    """Run all variants on all tasks and seeds, and print a Markdown table."""
    began = time.perf_counter()
    runs: dict[str, list[tuple[Scale, Found]]] = {variant.label: [] for variant in variants}
    for task in arguments.tasks:
        surrogate, scale = Surrogate(arguments.data, task), scale_of(arguments.data, task)
        for seed in range(arguments.seeds):
            for variant in variants:
                folder = Path(tempfile.mkdtemp(dir=_scratch()))
                found = search(variant, space, surrogate, seed, trials * EPOCHS, folder)
                runs[variant.label].append((scale, found))
    print(f"\n### {title}\n")
    print(
        f"{trials} full trainings ({trials * EPOCHS} epochs) each, {len(arguments.tasks)} tasks, "
        f"{arguments.seeds} seeds; {time.perf_counter() - began:.0f} s.\n"
    )
    columns = "mean normalized regret", "standard error", "median", "accuracy points"
    print("| |", " | ".join((*columns, "seen: mean", "trials", "none complete")), "|")
    print("| --- " * 8 + "|")
    for label, results in runs.items():
        print(_row(label, results))
    _differences({label: _regrets(results) for label, results in runs.items()}, list(runs)[-1])


def _regrets(results: list[tuple[Scale, Found]]) -> list[float]:
    """Of the best complete trial; of the best seen where none is complete."""
    return [s.regret(f.seen if f.complete is None else f.complete) for s, f in results]


def _row(label: str, results: list[tuple[Scale, Found]]) -> str:
    regrets = _regrets(results)
    mean = statistics.fmean
    points = mean(r * (s.best - s.median) for r, (s, _) in zip(regrets, results, strict=True))
    cells = [
        f"{mean(regrets):.3f}",
        f"{_error(regrets):.3f}",
        f"{statistics.median(regrets):.3f}",
        f"{points:.2f}",
        f"{mean(scale.regret(found.seen) for scale, found in results):.3f}",
        f"{statistics.median(found.trials for _, found in results):.0f}",
        f"{sum(found.complete is None for _, found in results)} of {len(results)}",
    ]
    return f"| {label} | " + " | ".join(cells) + " |"


def _error(values: list[float]) -> float:
    return statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")


def _differences(regrets: dict[str, list[float]], reference: str) -> None:
    """Paired by task and seed, against the last row."""
    print(f"\nDifferences to `{reference}`, paired by task and seed (positive: worse than it):")
    rows = []
    for label, values in regrets.items():
        if label != reference:
            paired = [a - b for a, b in zip(values, regrets[reference], strict=True)]
            rows.append(f"{label} {statistics.fmean(paired):+.3f} ± {_error(paired):.3f}")
    print("; ".join(rows) + ".", flush=True)


def _scratch() -> str | None:
    return "/dev/shm" if os.path.isdir("/dev/shm") else None


def main() -> None:
    """Parse the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with model.onnx")
    parser.add_argument("--tasks", nargs="+", default=TASKS[:12], choices=TASKS, metavar="TASK")
    parser.add_argument("--trials", type=int, default=20, help="full trainings' worth of epochs")
    parser.add_argument(
        "--long-trials", type=int, default=50, help="the same for the second tables; 0: none"
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=["tpe", "pruners"])
    arguments = parser.parse_args()
    if not (arguments.data / "model.onnx").exists():
        parser.error(f"--data is the folder that holds model.onnx, got {arguments.data}")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(machine_line("optuna", "onnxruntime", "numpy"), onnxruntime.get_device())
    flat, conditional = flat_space(), conditional_space()
    budgets = [n for n in (arguments.trials, arguments.long_trials) if n]
    for trials in budgets if arguments.only != "pruners" else []:
        compare("TPE, flat space", tpe_variants(), flat, arguments, trials)
        compare("TPE, conditional space", tpe_variants(), conditional, arguments, trials)
    for trials in budgets[:1] if arguments.only != "tpe" else []:
        compare("Pruners", pruner_variants(), flat, arguments, trials)


if __name__ == "__main__":
    main()
