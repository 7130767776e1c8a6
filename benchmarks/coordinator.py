"""What the coordinator itself costs: milliseconds a report and a proposal, in a large study.

No worker and no training: the session that owns a study is driven with a simulated objective,
with a real SQLite file, real folders and `asha`. A report is all that happens when an epoch comes
in: `metrics.csv`, the storage and the pruner's decision.

    python benchmarks/coordinator.py --trials 1000 --epochs 9
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import numpy as np

import autotrain
from autotrain.paths import Workspace
from autotrain.storage.optuna_storage import open_storage, sqlite_url
from autotrain.storage.settings import FUNCTION, StudySettings
from autotrain.trial import Decision, Epoch, Trial
from autotrain.tuner.session import StudySession
from simulated import open_session

SMALL = 100  # trials at which proposals are measured first
MORE = 50  # trials on top of a study's size, over which is measured


@dataclass
class Times:
    """Milliseconds of single calls."""

    reports: list[float] = field(default_factory=list)
    proposals: list[float] = field(default_factory=list)
    endings: list[float] = field(default_factory=list)
    total: float = 0.0  # seconds, all of it

    def line(self, what: str, values: list[float]) -> str:
        """Median and 95th percentile in words."""
        median, high = np.percentile(values, [50, 95])
        return f"{what:<46}{median:7.2f} median {high:7.2f} p95  ms  ({len(values):,} calls)"


class Simulation:
    """A study whose trials learn by a formula.

    Args:
        pruner: of the study; `sampler` may differ from one `grow` to the next.
    """

    def __init__(self, folder: Path, epochs: int, pruner: str) -> None:
        workspace = Workspace(folder)
        space = autotrain.load_space("digits_cnn")
        self.settings = StudySettings("simulated", space, epochs, 0, pruner, FUNCTION, id="0" * 32)
        self.paths = workspace.study("simulated")
        self.url = sqlite_url(workspace.database)
        self.rng = np.random.default_rng(0)

    def grow(self, trials: int, sampler: str) -> Times:
        """Search on until the study has so many trials; what every call took."""
        storage = open_storage(self.url)
        session = open_session(self.settings, self.paths, storage, sampler, trials)
        times, began = Times(), time.perf_counter()
        while True:
            known, start = len(session.trials), time.perf_counter()
            trial = session.next_trial()
            if trial is None:
                break
            if len(session.trials) > known:
                times.proposals.append(1000 * (time.perf_counter() - start))
            self._train(session, session.on_assigned(trial.number, 0), times)
        times.total = time.perf_counter() - began
        return times

    def _train(self, session: StudySession, trial: Trial, times: Times) -> None:
        number, decision = trial.number, Decision.CONTINUE
        while decision is Decision.CONTINUE and trial.last_epoch < self.settings.epochs:
            record = self._epoch(trial)
            start = time.perf_counter()
            decision = session.report(number, record)
            session.flush()  # at once: a search stores those of half a second together
            times.reports.append(1000 * (time.perf_counter() - start))
            trial = session.trials[number]
        end = {Decision.CONTINUE: session.on_completed, Decision.PAUSE: session.on_paused}
        start = time.perf_counter()
        end.get(decision, session.on_stopped)(number)
        times.endings.append(1000 * (time.perf_counter() - start))

    def _epoch(self, trial: Trial) -> Epoch:
        """A curve towards a height that depends on the learning rate, with noise."""
        epoch = trial.last_epoch + 1
        height = 0.98 - 0.1 * np.log10(trial.params["learning_rate"] / 0.01) ** 2
        accuracy = height * (1 - np.exp(-epoch / 2)) + self.rng.normal(0, 0.01)
        metrics = {"loss": 1 - accuracy, "accuracy": accuracy, "val_loss": 1 - accuracy,
                   "val_accuracy": accuracy, "parameters": 5274.0, "train_seconds": 0.1}  # fmt: skip
        return Epoch(epoch, {name: float(value) for name, value in metrics.items()}, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--pruner", default="asha")
    options = parser.parse_args()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("autotrain", "optuna"))
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}, SQLite file")
    with tempfile.TemporaryDirectory(prefix="coordinator-") as name:
        study = Simulation(Path(name), options.epochs, options.pruner)
        study.grow(SMALL, "random")
        early = study.grow(SMALL + MORE, "tpe")
        whole = study.grow(options.trials, "random")
        print(
            f"{options.trials:,} trials of up to {options.epochs} epochs, {options.pruner}, "
            f"random: {whole.total:.1f} s for {len(whole.reports):,} reports, all included"
        )
        late = study.grow(options.trials + MORE, "random")
        tpe = study.grow(options.trials + 2 * MORE, "tpe")
        size = f"{options.trials:,} trials"
        print(late.line(f"a report with {size}", late.reports))
        print(late.line(f"a random proposal with {size}", late.proposals))
        print(late.line(f"a pause or an end with {size}", late.endings))
        print(early.line(f"a tpe proposal with {SMALL} trials", early.proposals))
        print(tpe.line(f"a tpe proposal with {size}", tpe.proposals))


if __name__ == "__main__":
    main()
