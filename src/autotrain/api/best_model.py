"""The best model of a search, written where anybody can load it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from autotrain.analysis.measurements import write_measured
from autotrain.data import task_of
from autotrain.engines.base import Engine
from autotrain.engines.callbacks import Callback
from autotrain.errors import AutotrainError
from autotrain.files import JsonObject, write_json
from autotrain.paths import StudyPaths
from autotrain.storage.settings import StudySettings
from autotrain.trial import Trial
from autotrain.tuner.session import StudySession


def best_to_write(session: StudySession) -> Trial | None:
    """The best trial, unless its model is in `best/` already or its weights are not kept."""
    best, paths = session.best(), session.paths
    if best is None or not paths.trial(best.number).weights.exists():
        return None
    try:
        card = json.loads(paths.best_card.read_text("utf-8"))
        done = card["trial"] == best.number and card["study_id"] == session.settings.id
    except (OSError, ValueError, KeyError):
        done = False
    return None if done and paths.best_model.exists() else best


def write_best(
    engine: Engine, session: StudySession, best: Trial, measured: bool, callback: Callback
) -> None:
    """Write the model and its card.

    Args:
        measured: also measure it, for report and leaderboard, which can do it themselves, later.
    """
    settings, paths = session.settings, session.paths
    facts = engine.call("save_model", best, paths.best_model)
    write_json(paths.best_card, _card(settings, best, facts))
    if measured:
        try:
            _measure(engine, settings, paths, best)
        except AutotrainError as error:
            callback.on_note(f"the best model could not be measured: {error}")


def _measure(engine: Engine, settings: StudySettings, paths: StudyPaths, best: Trial) -> None:
    files = paths.trial(best.number)
    facts = engine.call("measure", best, files.outputs)
    write_measured(files, task_of(settings.prepared), facts)


def _card(settings: StudySettings, best: Trial, facts: Mapping[str, object]) -> JsonObject:
    names = [objective.metric for objective in settings.space.objectives]
    info = settings.prepared
    return {
        "study": settings.name,
        "study_id": settings.id,
        "trial": best.number,
        "best_epoch": best.best_epoch,
        "metrics": dict(zip(names, best.values, strict=True)),
        "params": dict(best.params),
        "classes": list(info.class_names),
        "input_shape": list(info.input_shape),
        "data": info.source,
        "fingerprint": info.fingerprint,
        **facts,
    }
