"""The options of a search, and the settings of the study that they make."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrain.analysis.workspace import storable_url
from autotrain.api.given_data import GivenData
from autotrain.data import DataInfo
from autotrain.engines import ENGINES, EngineOptions
from autotrain.errors import ConfigurationError
from autotrain.paths import Workspace
from autotrain.space import Space
from autotrain.storage.settings import FUNCTION, INDEPENDENT, StudySettings, read_settings
from autotrain.trackers import TRACKERS, Tracker
from autotrain.training.runtime import BACKENDS
from autotrain.tuner.samplers import Sampler, sampler_name
from autotrain.tuner.schedulers import PRUNERS, STRATEGIES, Scheduler, scheduler_name

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler

DEFAULT_EPOCHS = 30
DEFAULT_TRIALS = 50
_ONLY_RAY = ("address", "cpus_per_trial", "gpus_per_trial", "storage_path")
_ONLY_LOCAL = ("gpus", "trials_per_gpu")


@dataclass(frozen=True)
class SearchOptions:
    """All about a search that is not its space: each an argument of `autotrain.search`, explained there."""

    data: GivenData | None = None
    target: str | int | Sequence[str | int] | None = None
    ignore: str | int | Sequence[str | int] | None = None
    study: str | None = None
    trials: int | None = None
    timeout: float | None = None
    epochs: int | None = None
    stop_at: float | None = None
    engine: str = "local"
    address: str | None = None
    cpus_per_trial: int | None = None
    gpus_per_trial: float = 0.0
    storage_path: str | None = None
    sampler: str | Sampler | BaseSampler = "tpe"
    pruner: str | Scheduler | BasePruner = "asha"
    strategy: str = INDEPENDENT
    population: int | None = None
    interval: int | None = None
    workers: int | None = None
    gpus: str = "all"
    trials_per_gpu: int = 1
    backend: str | None = None
    storage: str | None = None
    runs: str | Path = "runs"
    seed: int = 0
    common_seed: bool = False
    enqueue: Sequence[Mapping[str, Any]] = ()
    first_rung: int | None = None
    hang_timeout: float = 600.0
    max_retries: int = 2
    report: bool = True
    track: str | Tracker | None = None
    teacher: str | None = None
    ensemble: int = 1


def checked(options: SearchOptions) -> SearchOptions:
    """The options with the backend filled in.

    Raises:
        ConfigurationError: an option is impossible.
    """
    rules = [
        ("trials", options.trials, 1),
        ("epochs", options.epochs, 1),
        ("workers", options.workers, 0),
        ("max-retries", options.max_retries, 0),
    ]
    for name, value, least in rules:
        if value is not None and (not isinstance(value, int) or value < least):
            raise ConfigurationError(
                f"--{name} must be a whole number of at least {least}, got {value!r}"
            )
    if options.timeout is not None and not options.timeout > 0:
        raise ConfigurationError(f"--timeout must be above 0 seconds, got {options.timeout!r}")
    ENGINES.check(options.engine, "--engine")
    _check_engine(options)
    if isinstance(options.track, str):
        TRACKERS.check(options.track, "--track")
    if options.teacher is None and options.ensemble != 1:
        raise ConfigurationError(
            f"--ensemble needs a teacher, whose best trials it counts, got {options.ensemble} "
            "without one"
        )
    backend = options.backend or os.environ.get("KERAS_BACKEND") or "tensorflow"
    BACKENDS.check(backend, "--backend")
    return replace(options, backend=backend)


def _check_engine(options: SearchOptions) -> None:
    """Options of one engine given to another would be ignored without a word."""
    defaults = {field.name: field.default for field in fields(SearchOptions)}
    others = {"ray": ("local", _ONLY_LOCAL), "local": ("ray", _ONLY_RAY)}
    other, names = others.get(options.engine, ("", ()))
    for name in names:
        if getattr(options, name) != defaults[name]:
            raise ConfigurationError(
                f"--{name.replace('_', '-')} is for --engine {other}, "
                f"but this search has --engine {options.engine}"
            )
    if options.engine != "local" and options.workers == 0:
        raise ConfigurationError("--workers 0 runs in this process, which is for --engine local")


def engine_options(options: SearchOptions, trials: int, keras: bool) -> EngineOptions:
    """What the engine of a search is asked for.

    Args:
        trials: no more workers than these.
        keras: whether workers will need Keras.
    """
    common = {field.name for field in fields(EngineOptions)} - {"backend", "trials", "keras"}
    given = {name: getattr(options, name) for name in common}
    return EngineOptions(str(options.backend), keras, trials, **given)


def settings_of(space: Space, options: SearchOptions, info: DataInfo | None) -> StudySettings:
    """The settings of a study; without data it is one of the user's own function."""
    name = options.study or space.name
    if options.study is None and options.teacher is not None:
        name = f"{space.name}-from-{options.teacher}"
    if options.study is None and options.data is not None:
        name = f"{space.name}-{Path(str(options.data)).stem}"
    if not name.strip() or "\n" in name or "\0" in name:
        raise ConfigurationError(f"--study must be a line of text, got {name!r}")
    return StudySettings(
        **_strategy(options, options.epochs or space.budget.epochs or DEFAULT_EPOCHS),
        name=name,
        space=space,
        epochs=options.epochs or space.budget.epochs or DEFAULT_EPOCHS,
        seed=options.seed,
        backend=FUNCTION if info is None else str(options.backend),
        data=info,
        first_rung=options.first_rung,
        common_seed=options.common_seed,
        about=_about(options),
    )


def _strategy(options: SearchOptions, epochs: int) -> dict[str, Any]:
    """The settings that say who goes on."""
    chosen, pruner = options.strategy, scheduler_name(options.pruner)
    STRATEGIES.check(chosen, "--strategy")
    given = {"--population": options.population, "--interval": options.interval}
    if chosen == INDEPENDENT:
        for name, value in given.items():
            if value is not None:
                raise ConfigurationError(f"{name} needs --strategy pbt, got {value} without it")
        if isinstance(options.pruner, str):
            PRUNERS.check(pruner, "--pruner")
        return {"pruner": pruner}
    if pruner not in (SearchOptions.pruner, "none") or options.first_rung is not None:
        raise ConfigurationError(
            f"--strategy {chosen} decides itself who goes on: leave out --pruner {pruner} and --first-rung"
        )
    members = 8 if options.population is None else options.population
    interval = max(1, round(epochs / 10)) if options.interval is None else options.interval
    return {"pruner": "none", "strategy": chosen, "population": members, "interval": interval}


def _about(options: SearchOptions) -> dict[str, Any]:
    packages = ("autotrain", "keras", str(options.backend), "optuna", "numpy")
    versions = {"python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    about = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "versions": versions,
    }
    git = _git()
    stored = storable_url(options.storage) if options.storage else None
    places = {
        "engine": options.engine,
        "sampler": sampler_name(options.sampler),
        "git": git,
        "storage": stored,
        "storage_path": options.storage_path,
    }
    return {**about, **{name: place for name, place in places.items() if place}}


def _git() -> str | None:
    """The commit of the repository that a search is begun in, with `changed` where files differ."""
    words = [
        "git",
        "describe",
        "--always",
        "--abbrev=40",
        "--exclude=*",
        "--dirty= (files changed)",
    ]
    try:
        answer = subprocess.run(words, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None


def storage_path_of(options: SearchOptions, workspace: Workspace, study: str) -> str | None:
    """Where checkpoints are: as the option says, else as when the study began."""
    path = workspace.study(study).study
    if options.storage_path or not path.exists():
        return options.storage_path
    return (read_settings(path).about or {}).get("storage_path")
