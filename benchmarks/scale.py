"""One driver and many workers: trials an hour on both engines, and what 1,000 workers cost.

    python benchmarks/scale.py engines   [--workers 1,2,4] [--trials 24] [--backend tensorflow]
    python benchmarks/scale.py simulation [--workers 1000] [--trials 3000] [--epochs 9] [--seconds 2]

`engines` trains the same configurations on the local engine and on Ray, with each number of workers,
which share the cores; time counts from the start of the first trial to the end of the last.

`simulation` has one real driver (coordinator, study in SQLite, `asha`, metrics files, and the line
over which workers of a cluster talk) and workers that only pretend to train: threads of a few
processes, each of which reports an epoch after some seconds and waits for the answer.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import autotrain
from autotrain.engines import messages
from autotrain.engines.callbacks import Callback
from autotrain.engines.coordinator import Coordinator
from autotrain.engines.ray.launcher import allow_open_files
from autotrain.engines.ray.transport import Exchange, dial
from autotrain.engines.ray.worker_handle import RayWorker
from autotrain.engines.resources import Slot
from autotrain.paths import Workspace
from autotrain.storage.optuna_storage import open_storage, sqlite_url
from autotrain.storage.settings import FUNCTION, StudySettings
from autotrain.training.job import Trainable
from autotrain.trial import Decision, Epoch, Trial
from simulated import open_session

KEY = b"of the simulation"
PROCESSES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["engines", "simulation", "workers"])
    parser.add_argument("--workers", default=None)
    parser.add_argument("--trials", type=int, default=None)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2.0, help="of a simulated epoch")
    parser.add_argument("--sampler", default="random")
    parser.add_argument("--backend", default="tensorflow")
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "workers":
        pretend(options)
        return
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("autotrain", "optuna", "ray", "keras")
    )
    print(f"machine   {os.cpu_count()} cores, no GPU used; load {os.getloadavg()[0]:.1f}")
    print(f"versions  {versions}\n")
    engines(options) if options.part == "engines" else simulation(options)


# Both engines.


def engines(options: argparse.Namespace) -> None:
    """Print trials an hour by engine and number of workers."""
    import ray

    from throughput import _busy, _draw

    numbers = [int(number) for number in (options.workers or "1,2,4").split(",")]
    configs = _draw(autotrain.load_space("digits_cnn"), options.trials or 24, 0)
    print(f"{len(configs)} trials of digits_cnn, {options.epochs} epochs, {options.backend}\n")
    print("| workers | local, trials an hour | Ray, trials an hour | Ray / local, time |")
    print("| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        ray.init("local", num_cpus=max(numbers), include_dashboard=False, log_to_driver=False)
        for workers in numbers:
            busy, threads = {}, max(1, (os.cpu_count() or 1) // workers)
            for engine in ("local", "ray"):
                study = autotrain.search(
                    "digits_cnn", engine=engine, workers=workers, enqueue=configs, pruner="none",
                    trials=len(configs), epochs=options.epochs, backend=options.backend,
                    study=f"{engine}{workers}", runs=folder, display="none",
                    **({"cpus_per_trial": threads} if engine == "ray" else {"gpus": "none"}),
                )  # fmt: skip
                busy[engine] = _busy(study)
            hourly = [f"{3600 * len(configs) / busy[e]:.0f}" for e in ("local", "ray")]
            print(f"| {workers} | {' | '.join(hourly)} | {busy['ray'] / busy['local']:.2f} |")
        ray.shutdown()


# The simulation.


class Pretended:
    """Launches workers that exist already: the first free one in the other processes joins."""

    def __init__(self) -> None:
        self.workers: dict[str, RayWorker] = {}
        self.exchange = Exchange("127.0.0.1", KEY, self._joined)

    def prepared(self, trainable: Trainable) -> Trainable:
        return trainable

    def start(self, slot: Slot) -> RayWorker:
        worker = RayWorker(slot, str(slot.index))
        self.workers[worker.ticket] = worker
        return worker

    def close(self, at_once: bool) -> None:
        self.exchange.close()

    def _joined(self, ticket: str, purpose: str, end: Any) -> None:
        self.workers[ticket].joined(purpose, end)


class Counting(Callback):
    """Counts what a search has done, and prints the growth of the study."""

    def __init__(self, database: Path, total: int) -> None:
        self.database, self.total = database, total
        self.reports, self.at_mark = 0, 0
        self.seen: set[int] = set()
        self.began = self.marked = time.perf_counter()
        self.cpu = _cpu()

    def on_epoch(self, trial: Trial, epoch: Epoch) -> None:
        self.reports += 1

    def on_trial_start(self, trial: Trial, worker: int) -> None:
        if trial.number in self.seen:
            return
        self.seen.add(trial.number)
        if len(self.seen) % max(1, self.total // 5) == 0:
            now = time.perf_counter()
            rate = (self.reports - self.at_mark) / (now - self.marked)
            size = sum(p.stat().st_size for p in self.database.parent.glob("studies.db*"))
            print(f"| {len(self.seen)} | {rate:.0f} | {size / 2**20:.1f} |", flush=True)
            self.marked, self.at_mark = now, self.reports


class Timed:
    """A method, with the seconds spent in it."""

    def __init__(self, method: Any) -> None:
        self._method, self.seconds, self.calls = method, 0.0, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return self._method(*args, **kwargs)
        finally:
            self.seconds, self.calls = self.seconds + time.perf_counter() - began, self.calls + 1

    def __str__(self) -> str:
        return f"{1000 * self.seconds / max(1, self.calls):.2f} ms"


def simulation(options: argparse.Namespace) -> None:
    """Print what the driver does in a second, and what a report costs it."""
    workers, trials = int(options.workers or 1000), options.trials or 3000
    space = autotrain.Space(
        {"x": autotrain.Float(-1.0, 1.0), "lr": autotrain.Float(1e-4, 1.0, log=True),
         "kind": autotrain.Choice(["a", "b"])},
        "val_loss", name="simulated", budget={"epochs": options.epochs},
    )  # fmt: skip
    allow_open_files(workers)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        settings = StudySettings("simulated", space, options.epochs, 0, "asha", FUNCTION, id="1")
        storage = open_storage(sqlite_url(workspace.database))
        paths = workspace.study("simulated")
        session = open_session(settings, paths, storage, options.sampler, trials)
        session.report, session.next_trial = Timed(session.report), Timed(session.next_trial)
        session.flush = Timed(session.flush)
        launcher = Pretended()
        watch = Counting(workspace.database, trials)
        coordinator = Coordinator([Slot(i, 1) for i in range(workers)], launcher)
        print(f"{workers} workers, {trials} trials of {options.epochs} epochs of "
              f"{options.seconds:g} s, asha, {options.sampler}\n")  # fmt: skip
        print("| trials started | reports a second | database, MB |\n| --- | --- | --- |")
        children = [_child(options, launcher, workers, i) for i in range(PROCESSES)]
        try:
            coordinator.run(session, watch)
        finally:
            coordinator.close(at_once=True)
        for child in children:
            child.wait()
    wall = time.perf_counter() - watch.began
    busy = (_cpu() - watch.cpu) / wall
    stored = 1000 * (session.report.seconds + session.flush.seconds) / session.report.calls
    print(f"\n{watch.reports} reports and {trials} trials in {wall:.0f} s: "
          f"{watch.reports / wall:.0f} reports a second; the driver was busy for {busy:.0%} of it\n"
          f"the answer to a report takes {session.report}, with its share of storing {stored:.2f} ms; "
          f"the next trial {session.next_trial}")  # fmt: skip


def _child(
    options: argparse.Namespace, launcher: Pretended, workers: int, index: int
) -> subprocess.Popen[bytes]:
    words = [
        "workers", "--port", str(launcher.exchange.address[1]), "--seconds", str(options.seconds),
        "--workers", f"{index},{workers}", "--epochs", str(options.epochs),
    ]  # fmt: skip
    return subprocess.Popen([sys.executable, __file__, *words])


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def pretend(options: argparse.Namespace) -> None:
    """Be every PROCESSES-th of the workers."""
    index, workers = map(int, options.workers.split(","))
    allow_open_files(workers)
    threading.stack_size(256 * 1024)
    threads = [
        threading.Thread(target=_work, args=(str(ticket), options))
        for ticket in range(index, workers, PROCESSES)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work(ticket: str, options: argparse.Namespace) -> None:
    address = ("127.0.0.1", options.port)
    lifeline = dial(address, KEY, ticket, "lifeline")
    talk = dial(address, KEY, ticket, "talk")
    try:
        talk.recv()  # begin
        talk.send(messages.Ready())
        while True:
            run = talk.recv()
            mark = Path(run.job.checkpoint)
            epoch = int(mark.read_text()) if mark.exists() else 0
            decision = Decision.CONTINUE
            while epoch < options.epochs and decision in (Decision.CONTINUE, Decision.SAVE):
                epoch += 1
                time.sleep(options.seconds)
                loss = run.job.params["x"] ** 2 + 1 / epoch
                talk.send(messages.EpochDone(run.token, Epoch(epoch, {"val_loss": loss})))
                decision = talk.recv()
            if decision is Decision.PAUSE:
                mark.write_text(str(epoch))
            ended = epoch >= options.epochs and decision is Decision.CONTINUE
            talk.send(messages.Ended(run.token, ended, decision))
    except (EOFError, OSError):
        lifeline.close()


if __name__ == "__main__":
    main()
