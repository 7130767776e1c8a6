"""Trials per hour: autotrain against plain Keras, Optuna, KerasTuner and Ray Tune.

The same configurations, drawn at random from the shipped `digits_cnn` space, are trained by each
with the same data split, batches, epochs and an evaluation after every epoch; nothing is pruned.
Each runs in a process of its own, whose wall time counts from start to end.

    python benchmarks/throughput.py --trials 24 --epochs 6

With `--engines local,ray` autotrain runs on both of its engines; a cluster is started for the second
one within the measured time, like that of the peer Ray Tune.

autotrain also prepares the data, which the peers find prepared, and saves the best model; the report
that no peer has is written with `--report` only.

Peers are in `peers/`, one file each, at the best of their documented settings. Every tool starts
with an empty folder for JAX's persistent compilation cache; with `--warm-cache` each first runs
the same work once without being timed, and then finds in the folder what that run compiled.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import yaml

import autotrain
from autotrain.catalog.families import structure_of
from autotrain.data import data_folder, prepare
from autotrain.space import Choice, Fixed, Int, Space
from autotrain.training.runtime import environment

PEERS_FOLDER = Path(__file__).resolve().parent / "peers"
sys.path.insert(0, str(PEERS_FOLDER))
from measure import ChildFailed, run_measured  # noqa: E402

from machine import cores, processor  # noqa: E402

SPACE = "digits_cnn"
NARROWEST = 16  # of the worst case, where each trial is one wider than the one before


@dataclass(frozen=True)
class Peer:
    """A peer: its name in the table, its file, and whether it trains in several processes."""

    name: str
    file: str
    parallel: bool


PEERS = {
    "plain": Peer("plain Keras loop", "plain.py", False),
    "optuna": Peer("Optuna", "optuna_two.py", True),
    "kerastuner": Peer("KerasTuner", "kerastuner.py", False),
    "ray": Peer("Ray Tune", "ray_tune.py", True),
}


OURS = {"local": "autotrain", "ray": "autotrain on Ray"}


@dataclass(frozen=True)
class Result:
    """What a run took and gave.

    Attributes:
        wall: seconds from start to end; peak: bytes, the whole process tree.
        busy: seconds between the start of the first trial and the end of the last; ours only.
        trials: records with `best`, `seconds` per epoch in training steps, `steps` an epoch.
    """

    name: str
    workers: int
    wall: float
    peak: float
    trials: list[Mapping[str, Any]]
    busy: float = 0.0

    @property
    def accuracies(self) -> np.ndarray:
        """The best validation accuracy of each configuration, in their order."""
        return np.array([trial["best"] for trial in self.trials])

    @property
    def tracing(self) -> float:
        """Seconds by which first epochs were longer than the later ones of their trial."""
        first = [t["seconds"][0] - statistics.median(t["seconds"][1:]) for t in self._long()]
        return sum(max(0.0, seconds) for seconds in first)

    def _long(self) -> list[Mapping[str, Any]]:
        return [trial for trial in self.trials if len(trial["seconds"]) > 1]

    @property
    def stepping(self) -> float:
        """Seconds in training steps, summed over workers, tracing and compilation left out."""
        return sum(sum(trial["seconds"]) for trial in self.trials) - self.tracing

    @property
    def step_ms(self) -> float:
        """Milliseconds a step."""
        steps = sum(trial["steps"] * len(trial["seconds"]) for trial in self.trials)
        return 1000 * self.stepping / steps


@dataclass(frozen=True)
class Bench:
    """One set of configurations to train, and how."""

    configs: list[dict[str, Any]]
    space: str
    options: argparse.Namespace
    folder: Path

    @property
    def threads(self) -> int:
        """Threads of each of several processes; a single one has all cores."""
        return max(1, cores() // self.options.workers)

    def autotrain(self, engine: str, round: str = "measured") -> Result:
        """Run the command a user would type, in a fresh runs folder."""
        o, runs = self.options, self.folder / f"runs-{engine}-{round}"
        queue = self.folder / "configurations.jsonl"
        queue.write_text("".join(json.dumps(config) + "\n" for config in self.configs), "utf-8")
        flags = {
            "space": self.space, "enqueue": queue, "pruner": "none", "trials": len(self.configs),
            "epochs": o.epochs, "workers": o.workers, "backend": o.backend, "seed": o.seed,
            "engine": engine, "runs": runs, "study": "throughput",
        }  # fmt: skip
        if engine == "local":
            flags["gpus"] = "none"
        words = [str(word) for key, value in flags.items() for word in (f"--{key}", value)]
        words.append("--report" if o.report else "--no-report")
        command = [str(Path(sys.executable).with_name("autotrain")), "search", *words]
        # A folder of its own for JAX's persistent cache, so that nobody starts warm by chance.
        env = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache")}
        env.pop("KERAS_BACKEND", None)
        wall, peak = run_measured(command, env, self.folder / "autotrain.log")
        study = autotrain.load_study("throughput", runs)
        sizes = study.settings.data.sizes
        if study.counts != {"COMPLETE": len(self.configs)}:
            raise ChildFailed(
                f"autotrain ended with {study.counts} instead of {len(self.configs)} COMPLETE\n"
                + (self.folder / "autotrain.log").read_text("utf-8")[-3000:]
            )
        trials = [_record(trial, sizes["train"]) for trial in study.trials]
        busy = _busy(study)
        return Result(OURS[engine], o.workers, wall, peak, trials, busy)

    def peer(self, key: str, data: Path, classes: int, round: str = "measured") -> Result:
        """Run a peer's script."""
        peer, o = PEERS[key], self.options
        scratch = self.folder / f"{key}-{round}"
        scratch.mkdir()
        spec = {
            "configs": self.configs, "epochs": o.epochs, "data": str(data), "classes": classes,
            "seed": o.seed, "workers": o.workers, "threads": self.threads, "scratch": str(scratch),
        }  # fmt: skip
        orders, answer = scratch / "spec.json", scratch / "result.json"
        orders.write_text(json.dumps(spec), "utf-8")
        env = {
            **os.environ,
            **environment(o.backend, self.threads if peer.parallel else None, None, 1),
            # JAX's persistent cache for peers too, with the settings that autotrain gives it.
            "JAX_COMPILATION_CACHE_DIR": str(self.folder / f"cache-{key}"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
        command = [sys.executable, str(PEERS_FOLDER / peer.file), str(orders), str(answer)]
        wall, peak = run_measured(command, env, scratch / "log")
        trials = json.loads(answer.read_text("utf-8"))["trials"]
        if [trial["index"] for trial in trials] != list(range(len(self.configs))):
            raise ChildFailed(f"{peer.name} did not train each configuration once")
        return Result(peer.name, o.workers if peer.parallel else 1, wall, peak, trials)


def _busy(study: Any) -> float:
    stored = optuna.load_study(study_name=study.name, storage=study.storage_url).trials
    first = min(trial.datetime_start for trial in stored)
    return float((max(trial.datetime_complete for trial in stored) - first).total_seconds())


def _record(trial: Any, train_size: int) -> dict[str, Any]:
    seconds = [epoch.metrics["train_seconds"] for epoch in trial.epochs]
    steps = train_size // trial.params.get("batch_size", 64)
    return {"index": trial.number, "best": trial.value, "seconds": seconds, "steps": steps}


def main() -> None:
    options = _options()
    space = autotrain.load_space(SPACE)
    with tempfile.TemporaryDirectory(prefix="throughput-") as name:
        folder = Path(name)
        info = prepare(space.data, folder / "data", options.seed)
        data = data_folder(folder / "data", info.fingerprint), info.classes
        configs = _draw(space, options.trials, options.seed)
        _print_machine(options, configs)
        first = _run(Bench(configs, SPACE, options, _made(folder / "first")), options.peers, data)
        _print_section(f"{len(configs)} configurations of {SPACE}", configs, first, options)
        ours = [result for result in first if result.name in OURS.values()]
        peers = sorted(first[len(ours) :], key=lambda result: result.wall)
        if not options.skip_worst_case and peers:
            _worst_case(space, configs, peers, options, folder, data)
    if peers:
        _compare_engines(ours, peers)
        ratio = peers[0].wall / first[0].wall
        print(f"autotrain is {ratio:.2f}x the fastest peer ({peers[0].name})")


def _compare_engines(ours: Sequence[Result], peers: Sequence[Result]) -> None:
    on_ray = next((result for result in ours if result.name == OURS["ray"]), None)
    local = next((result for result in ours if result.name == OURS["local"]), None)
    tune = next((peer for peer in peers if peer.name == PEERS["ray"].name), None)
    if on_ray and tune:
        print(f"{on_ray.name} is {tune.wall / on_ray.wall:.2f}x {tune.name}")
    if on_ray and local:
        share = on_ray.busy / local.busy
        print(f"{on_ray.name}, once started, takes {share:.2f}x as long as on the local engine")


def _worst_case(
    space: Space,
    configs: Sequence[Mapping[str, Any]],
    peers: Sequence[Result],
    options: argparse.Namespace,
    folder: Path,
    data: Any,
) -> None:
    """A new structure in every trial: nothing that was compiled serves again."""
    configs = [{**c, "width": NARROWEST + i} for i, c in enumerate(configs[:12])]
    raw = space.to_dict()
    raw["parameters"]["width"] = {"int": [NARROWEST, NARROWEST + max(2, len(configs))]}
    raw["name"] = "worst_case"
    file = folder / "worst_case.yaml"
    file.write_text(yaml.safe_dump(raw, sort_keys=False), "utf-8")
    keys = [key for key, peer in PEERS.items() if peer.name in {r.name for r in peers[:2]}]
    options = argparse.Namespace(**{**vars(options), "engines": options.engines[:1]})
    bench = Bench(configs, str(file), options, _made(folder / "worst"))
    results = _run(bench, keys, data)
    _print_section("A new structure in every trial (worst case)", configs, results, options)
    fastest = min(results[1:], key=lambda result: result.wall)
    print(f"worst case: {fastest.wall / results[0].wall:.2f}x the fastest peer ({fastest.name})\n")


def _run(bench: Bench, keys: Sequence[str], data: tuple[Path, int]) -> list[Result]:
    """autotrain and the peers in turn, as often as asked for; of each the run of median length.

    In turn, because such machines are now faster, now slower, for minutes at a time.
    """
    tools = {f"on {engine}": OURS[engine] for engine in bench.options.engines}
    tools |= {key: PEERS[key].name for key in keys}
    warming = ["warming"] if bench.options.warm_cache else []
    found: dict[str, list[Result]] = {key: [] for key in tools}
    for round in [*warming, *(f"measured{i}" for i in range(bench.options.rounds))]:
        for key in list(found):
            print(f"  {round}: {tools[key]}", file=sys.stderr, flush=True)
            try:
                ours = key not in PEERS
                engine = key.removeprefix("on ")
                result = bench.autotrain(engine, round) if ours else bench.peer(key, *data, round)
            except ChildFailed as error:
                if ours:
                    raise SystemExit(f"autotrain failed:\n{error}") from None
                print(f"WARNING: {tools[key]} failed and is left out:\n{error}")
                del found[key]
                continue
            if round != "warming":
                found[key].append(result)
    if bench.options.rounds > 1:
        for key, results in found.items():
            walls = ", ".join(f"{result.wall:.1f}" for result in results)
            print(f"  wall seconds of each round, {tools[key]}: {walls}")
    return [sorted(rs, key=lambda r: r.wall)[len(rs) // 2] for rs in found.values()]


def _draw(space: Space, count: int, seed: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    return [_draw_one(space, rng) for _ in range(count)]


def _draw_one(space: Space, rng: np.random.Generator) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for name in space.order:
        parameter = space.parameters[name]
        if isinstance(parameter, Fixed) or not space.is_active(name, params):
            continue
        if isinstance(parameter, Choice):
            params[name] = parameter.values[rng.integers(len(parameter.values))]
        elif isinstance(parameter, Int):
            steps = (parameter.high - parameter.low) // parameter.step
            params[name] = parameter.low + int(rng.integers(steps + 1)) * parameter.step
        elif parameter.log:
            params[name] = float(np.exp(rng.uniform(*np.log([parameter.low, parameter.high]))))
        else:
            params[name] = float(rng.uniform(parameter.low, parameter.high))
    return params


# Printing.


def _print_machine(options: argparse.Namespace, configs: Sequence[Mapping[str, Any]]) -> None:
    packages = ["autotrain", "keras", options.backend, "optuna", "keras-tuner", "ray", "numpy"]
    versions = ", ".join(f"{package} {metadata.version(package)}" for package in packages)
    load = os.getloadavg()[0]
    print(f"machine   {cores()} cores, {processor()}, {platform.system()}, no GPU used")
    print(f"versions  Python {platform.python_version()}, {versions}")
    print(
        f"budget    {len(configs)} trials x {options.epochs} epochs, {options.workers} processes "
        f"where a tool has several (threads each: {max(1, cores() // options.workers)}), else one"
    )
    if options.warm_cache:
        print("cache     warm: each tool ran the same work once before, in processes of their own")
    if load > 0.5:
        print(f"WARNING: the machine is not idle (load {load:.1f}); times are not to be trusted")
    print(flush=True)


def _print_section(
    title: str, configs: Sequence[Any], results: Sequence[Result], options: argparse.Namespace
) -> None:
    structures = len({structure_of("cnn", config) for config in configs})
    print(f"{title}: {len(configs)} trials, {structures} distinct structures\n")
    head = ("", "wall s", "trials/h", "in steps", "tracing s", "memory MB", "val_accuracy", "step")
    rows = [head, *map(_row, results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]
        print("  " + "  ".join(cells))
    ours = results[0]
    print(f"\n  {ours.stepping / ours.workers:.1f} s  training steps alone (no start-up, building, "
          "tracing, evaluation): autotrain's, divided by its workers")  # fmt: skip
    print("  in steps: share of all workers' time. tracing: by how much first epochs were longer,")
    print("  summed. memory: peak of the summed resident sets of the process tree, every 0.2 s.")
    for warning in _warnings(results):
        print(f"  WARNING: {warning}")
    print(flush=True)


def _row(result: Result) -> tuple[str, ...]:
    accuracies = result.accuracies
    error = accuracies.std(ddof=1) / np.sqrt(len(accuracies)) if len(accuracies) > 1 else 0.0
    return (
        result.name,
        f"{result.wall:.1f}",
        f"{3600 * len(result.trials) / result.wall:.0f}",
        f"{result.stepping / result.workers / result.wall:.0%}",
        f"{result.tracing:.1f}",
        f"{result.peak / 2**20:.0f}",
        f"{accuracies.mean():.3f} ± {error:.3f}",
        f"{result.step_ms:.2f} ms",
    )


def _warnings(results: Sequence[Result]) -> list[str]:
    ours, found = results[0], []
    for peer in results[1:]:
        gaps = ours.accuracies - peer.accuracies  # the same configurations, so in pairs
        error = gaps.std(ddof=1) / np.sqrt(len(gaps)) if len(gaps) > 1 else 0.0
        if len(gaps) >= 5 and abs(gaps.mean()) > max(2.5 * error, 0.01):
            found.append(
                f"accuracies differ from {peer.name} by {gaps.mean():+.3f} ± {error:.3f}: "
                "not the same training"
            )
        if peer.name == PEERS["plain"].name and ours.step_ms > peer.step_ms:
            found.append(
                f"a step takes {ours.step_ms:.2f} ms, in the plain loop only {peer.step_ms:.2f} ms"
            )
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--backend", choices=["tensorflow", "jax"], default="tensorflow")
    parser.add_argument("--peers", default=",".join(PEERS), help="a,b,c of " + ", ".join(PEERS))
    parser.add_argument("--engines", default="local", help="of ours: local, ray or local,ray")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--skip-worst-case", action="store_true")
    parser.add_argument("--rounds", type=int, default=1, help="measure so often, in turn")
    parser.add_argument("--report", action="store_true", help="ours writes its report, too")
    parser.add_argument("--warm-cache", action="store_true", help="run everything once before")
    options = parser.parse_args()
    options.peers = [key.strip() for key in options.peers.split(",") if key.strip()]
    options.engines = [key.strip() for key in options.engines.split(",")]
    if not set(options.engines) <= set(OURS):
        parser.error(f"--engines are of {', '.join(OURS)}, got {', '.join(options.engines)}")
    unknown = [key for key in options.peers if key not in PEERS]
    if unknown or not options.peers:
        parser.error(f"--peers are of {', '.join(PEERS)}, got {', '.join(unknown) or 'none'}")
    return options


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    main()
