"""Entries of one study or of several, compared by what was measured of their models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import escape

from autotrain.analysis.statistics import interval, mean_interval, ranks, resampled, same_mean
from autotrain.analysis.stored_study import StoredStudy
from autotrain.data import task_of
from autotrain.errors import ConfigurationError, nearest
from autotrain.files import JsonObject
from autotrain.tasks import Task, direction_of
from autotrain.trial import Trial, TrialStatus

if TYPE_CHECKING:
    import pandas as pd

_SAME = {  # what two studies must share to be compared, and where it is
    "data": lambda s: s.data.fingerprint[:12] if s.data else "a function's own",
    "space": lambda s: s.space.name,
    "epochs": lambda s: s.epochs,
    "backend": lambda s: s.backend,
    "strategy": lambda s: s.strategy,
    "pruner": lambda s: s.pruner,
    "sampler": lambda s: (s.about or {}).get("sampler", "unknown"),
    "engine": lambda s: (s.about or {}).get("engine", "unknown"),
    "teacher": lambda s: str(s.teacher or "none"),
}
_NAMES = ("study", "trial")  # an ensemble's trial is a text such as 7+2+11
_COUNTS = ("rank", "seeds", "parameters", "bytes", "flops", "epochs")


@dataclass(frozen=True)
class Measured:
    """What is known of a trial's model; empty where its weights are gone.

    Attributes:
        facts: as `training.measuring.measure` returns them; `test` likewise, where it was asked.
        seeds: the metric of each run over other seeds, where the trial was confirmed.
        outputs, targets: [n, ...] of the validation part.
        label: what the entry is called where it is more than a trial.
    """

    facts: Mapping[str, Any]
    test: Mapping[str, Any]
    seeds: Sequence[float] = ()
    outputs: np.ndarray | None = None
    targets: np.ndarray | None = None
    test_outputs: np.ndarray | None = None
    test_targets: np.ndarray | None = None
    label: str = ""


@dataclass(frozen=True)
class Leaderboard:
    """The entries, best first, and what to know when reading them.

    Attributes:
        entries: plain values by column, the same columns in each; None where nothing is known.
        metric: the objective, which is a column.
    """

    entries: tuple[Mapping[str, Any], ...]
    metric: str
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what is known of entries."""
        return tuple(self.entries[0])

    def frame(self) -> pd.DataFrame:
        """A row for each entry; what is not known is missing, and counts stay whole numbers."""
        import pandas as pd

        types = {name: "Int64" if name in _COUNTS else "float64" for name in self.columns}
        types |= dict.fromkeys(_NAMES, "object")
        return pd.DataFrame(list(self.entries), columns=list(self.columns)).astype(types)

    def _repr_html_(self) -> str:
        """For a notebook."""
        table: str = self.frame().to_html(index=False, notebook=True, na_rep="")
        return "\n".join([table, *(f"<p>{escape(note)}</p>" for note in self.notes)])


def rank(entries: Sequence[tuple[StoredStudy, Trial, Measured]], test: bool) -> Leaderboard:
    """Rank entries by validation; those that cannot be told apart share a rank.

    Args:
        test: with the test part's metric, which never decides about a rank.

    Raises:
        ConfigurationError: the studies have other objectives.
    """
    objective = _objective([study for study, _, _ in entries])
    ordered = sorted(entries, key=lambda e: (not e[2].seeds, -objective.sign * _value(e)))
    draws = [_draws(study, measured) for study, _, measured in ordered]
    notes = _differences([study for study, _, _ in ordered])
    places = list(range(1, len(ordered) + 1))
    comparable = not any(note.startswith("data") for note in notes)
    confirmed = [measured.seeds for _, _, measured in ordered if measured.seeds]
    if confirmed:  # they stand first
        places[: len(confirmed)] = ranks(confirmed, same_mean)
        notes.append(
            "mean: over training seeds that the search did not use; its interval is theirs"
        )
    elif comparable and all(d is not None for d in draws):
        places = ranks(draws)
    rows = [
        _row(place, *entry, objective.metric, draw, test)
        for place, entry, draw in zip(places, ordered, draws, strict=True)
    ]
    if any(measured.label for _, _, measured in ordered):
        notes.append(
            "an ensemble (7+2+11) is chosen on the validation part, so its value is a little too good"
        )
    if any(draw is None for draw in draws):
        notes.append("no interval where a trial's weights are not kept (the best ten of a study)")
    return Leaderboard(tuple(rows), objective.metric, tuple(notes))


def _value(entry: tuple[StoredStudy, Trial, Measured]) -> float:
    """What an entry is ranked by: its mean over seeds, else the value of its trial."""
    _, trial, measured = entry
    return float(np.mean(measured.seeds)) if measured.seeds else trial.values[0]


def _objective(studies: Sequence[StoredStudy]) -> Any:
    found = {(s.objective.metric, s.objective.direction)
             for s in studies}  # fmt: skip
    if len(found) > 1:
        names = ", ".join(sorted(f"{metric} ({direction})" for metric, direction in found))
        raise ConfigurationError(f"studies of other objectives cannot be ranked together: {names}")
    return studies[0].objective


def _differences(studies: Sequence[StoredStudy]) -> list[str]:
    """One line for everything in which the studies differ."""
    notes = []
    for what, value in _SAME.items():
        found = {study.name: value(study.settings) for study in studies}
        if len(set(found.values())) > 1:
            notes.append(f"{what} differs: " + ", ".join(f"{k} {v}" for k, v in found.items()))
    return notes


def _draws(study: StoredStudy, measured: Measured) -> np.ndarray | None:
    info = study.settings.data
    name = study.objective.name
    if info is None or measured.outputs is None or measured.targets is None:
        return None
    return _known_draws(task_of(info), name, measured.outputs, measured.targets)


def _known_draws(
    task: Task, metric: str, outputs: np.ndarray, targets: np.ndarray
) -> np.ndarray | None:
    """Draws of a metric; None where the task has none of this name, or it is undefined."""
    if task.metric(metric) is None or task.undefined(targets, [metric]):
        return None
    return resampled(task, metric, outputs, targets)


def _row(
    place: int,
    study: StoredStudy,
    trial: Trial,
    measured: Measured,
    metric: str,
    draws: np.ndarray | None,
    test: bool,
) -> JsonObject:
    low, high = interval(draws) if draws is not None else (None, None)
    if measured.seeds:
        low, high = mean_interval(measured.seeds)
    facts, latency = measured.facts, measured.facts.get("latency_ms", {})
    row = {
        "rank": place,
        "study": study.name,
        "trial": measured.label or trial.number,
        metric: trial.values[0],
        "mean": float(np.mean(measured.seeds)) if measured.seeds else None,
        "seeds": len(measured.seeds) or None,
        "low": low,
        "high": high,
    }
    if test:
        row |= _test_cells(study, measured, study.objective.name)
    finished = [t for t in study.trials if t.is_finished]
    pruned = sum(t.status is TrialStatus.PRUNED for t in finished)
    row |= {
        "parameters": facts.get("parameters"),
        "bytes": facts.get("bytes"),
        "flops": facts.get("flops"),
        "latency_1_ms": latency.get("1"),
        "latency_64_ms": latency.get("64"),
        "train_s": trial.seconds,
        "epochs": trial.last_epoch,
        "gpu_hours": _spent(study, trial) / 3600,
        "pruned": pruned / len(finished) if finished else 0.0,
    }
    return {name: None if value != value else value for name, value in row.items()}  # no NaN


def _spent(study: StoredStudy, trial: Trial) -> float:
    """Seconds of a GPU (or of a worker without one) in all trials that ended up to this one."""
    until = trial.ended
    mine = (t for t in study.trials if until is None or (t.ended is not None and t.ended <= until))
    return float(sum(t.seconds for t in mine))


def _test_cells(study: StoredStudy, measured: Measured, metric: str) -> JsonObject:
    name, info = f"test_{metric}", study.settings.data
    value = measured.test.get("metrics", {}).get(metric)
    cells = {name: value, "test_low": None, "test_high": None}
    outputs, targets = measured.test_outputs, measured.test_targets
    if info is not None and value is not None and outputs is not None and targets is not None:
        draws = _known_draws(task_of(info), metric, outputs, targets)
        if draws is not None:
            cells["test_low"], cells["test_high"] = interval(draws)
    return cells


def pareto(board: Leaderboard, names: Sequence[str]) -> Leaderboard:
    """Only the entries that no other one beats in all the columns named.

    Raises:
        ConfigurationError: no such column.
    """
    scores = []
    for name in names:
        column = {"latency": "latency_1_ms", "size": "bytes"}.get(name, name)
        values = [entry.get(column) for entry in board.entries]
        known = [value for value in values if value is not None]
        if not known or not all(isinstance(value, (int, float)) for value in known):
            hint = nearest(name, [*board.columns, "latency", "size"])
            raise ConfigurationError(
                f"--pareto names columns such as {board.metric},latency, got {name!r}. {hint}".strip()
            )
        up = column == board.metric or column.startswith("test_")
        scores.append(np.array(values, "float64") * (_sign_of(column) if up else -1.0))
    points = np.nan_to_num(np.stack(scores, axis=1), nan=-np.inf)
    beaten = [((points >= p).all(axis=1) & (points > p).any(axis=1)).any() for p in points]
    kept = tuple(e for e, worse in zip(board.entries, beaten, strict=True) if not worse)
    return replace(board, entries=kept)


def _sign_of(column: str) -> float:
    name = column.removeprefix("val_").removeprefix("test_")
    return -1.0 if direction_of(name) == "minimize" else 1.0
