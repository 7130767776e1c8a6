"""What a study is: the settings frozen in `study.yaml` when it starts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from autotrain.catalog.families import model_of
from autotrain.data import DataInfo
from autotrain.errors import StudyChangedError, StudyError
from autotrain.files import replaced
from autotrain.paths import StudyPaths
from autotrain.space import Space
from autotrain.training.job import Job
from autotrain.trial import Params

INDEPENDENT = "independent"  # the strategy without a population
FUNCTION = "function"  # the `backend` of a study whose training loop is the user's own


@dataclass(frozen=True)
class Teacher:
    """Whose outputs the trials of a study learn from.

    Attributes:
        study, study_id: another study.
        trials: of it, the best first; several answer with their mean.
    """

    study: str
    study_id: str
    trials: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for YAML."""
        return {"study": self.study, "study_id": self.study_id, "trials": list(self.trials)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Teacher:
        """The inverse of `to_dict`."""
        return cls(str(raw["study"]), str(raw["study_id"]), tuple(map(int, raw["trials"])))

    def __str__(self) -> str:
        several = "s" if len(self.trials) > 1 else ""
        return f"trial{several} {', '.join(map(str, self.trials))} of {self.study}"


@dataclass(frozen=True)
class StudySettings:
    """Everything that a result depends on, and so must not change within a study.

    Attributes:
        epochs: the full length of a trial.
        backend: `tensorflow`, `jax`, or `function` for the user's own objective.
        data: None for the user's own objective.
        strategy: `independent` trials, or `pbt` or `pb2` for a population whose members copy
            each other.
        population, interval: members, and epochs after which they are compared.
        common_seed: one training seed for all trials instead of one each.
        teacher: whom the trials learn from; None for the labels alone.
        about: versions, command and date; facts that may differ when the study goes on.
    """

    name: str
    space: Space
    epochs: int
    seed: int
    pruner: str
    backend: str
    data: DataInfo | None = None
    first_rung: int | None = None
    common_seed: bool = False
    strategy: str = INDEPENDENT
    population: int | None = None
    interval: int | None = None
    teacher: Teacher | None = None
    id: str = ""
    about: Mapping[str, Any] | None = None

    @property
    def prepared(self) -> DataInfo:
        """The data, for what only studies of the shared core have.

        Raises:
            StudyError: the study is searched with a function of the user's.
        """
        if self.data is None:
            raise StudyError(
                f"the study '{self.name}' is searched with a function: its data and its models are "
                "the function's own"
            )
        return self.data

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for YAML."""
        return {
            "id": self.id or uuid.uuid4().hex,
            "name": self.name,
            "epochs": self.epochs,
            "seed": self.seed,
            "common_seed": self.common_seed,
            "pruner": self.pruner,
            "first_rung": self.first_rung,
            "strategy": self.strategy,
            "population": self.population,
            "interval": self.interval,
            "backend": self.backend,
            "space": self.space.to_dict(),
            "data": self.data.to_dict() if self.data else None,
            "teacher": self.teacher.to_dict() if self.teacher else None,
            "about": dict(self.about or {}),
        }


def write_settings(path: Path, settings: StudySettings) -> None:
    """Write `study.yaml`, aside and then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(settings.to_dict(), sort_keys=False, allow_unicode=True, width=100)
    with replaced(path) as aside:
        aside.write_text(
            "# What this study is; it is compared when the study goes on.\n" + text, "utf-8"
        )


def read_settings(path: Path) -> StudySettings:
    """Read `study.yaml`.

    Raises:
        StudyError: missing or not written by us.
    """
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
        data = DataInfo.from_dict(raw["data"]) if raw["data"] else None
        space = Space.from_dict(raw["space"], str(path))
        teacher = Teacher.from_dict(raw["teacher"]) if raw.get("teacher") else None
        kept = {key: raw[key] for key in raw if key not in ("space", "data", "teacher")}
        return StudySettings(**kept, space=space, data=data, teacher=teacher)
    except FileNotFoundError:
        raise StudyError(f"there is no study at {path.parent}") from None
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise StudyError(f"{path} cannot be read as a study: {error}") from error


def check_unchanged(stored: StudySettings, asked: StudySettings) -> None:
    """Whether a study can go on with the settings asked for now.

    Raises:
        StudyChangedError: with every difference.
    """
    before, now = _frozen(stored), _frozen(asked)
    different = [
        f"  {key}: was {before.get(key, 'absent')}, now {now.get(key, 'absent')}"
        for key in dict.fromkeys([*before, *now])
        if before.get(key) != now.get(key)
    ]
    if different:
        raise StudyChangedError(
            f"the study '{stored.name}' was made with other settings:\n"
            + "\n".join(different)
            + "\nstart another study with --study NAME, or search again with the old settings"
        )


# The number of trials and the time may change, and names and texts change no result; columns are
# part of the fingerprint. What to start from only adds trials, as `--enqueue` does at any time.
_FREE = (
    "space.budget.",
    "space.name",
    "space.description",
    "space.data",
    "space.start_from",
    "data.source",
    "data.columns",
    "data.left_out",
    "data.header",
    "data.width",
    "data.targets",
    "data.written",
    "data.notes",
    "id",
    "about",
)


def _frozen(settings: StudySettings) -> dict[str, Any]:
    flat = dict(_flatten("", settings.to_dict()))
    return {key: value for key, value in flat.items() if not key.startswith(_FREE)}


def _flatten(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flatten(f"{prefix}.{key}" if prefix else str(key), item)
    else:
        yield prefix, list(value) if isinstance(value, tuple) else value


def job_of(
    settings: StudySettings, paths: StudyPaths, number: int, params: Params, seed: int
) -> Job:
    """What a worker is asked to train of a trial, from where it stands."""
    folder, objectives = paths.trial(number), settings.space.objectives
    return Job(
        model=model_of(settings.space, params),
        params=params,
        seed=seed,
        epochs=settings.epochs,
        metric=objectives[0].metric,
        direction=objectives[0].direction,
        checkpoint=folder.checkpoint,
        weights=folder.weights,
        further=tuple(other.metric for other in objectives[1:]),
    )
