"""Runs in MLflow: one for the study, and in it one for each trial.

`mlflow-skinny` is enough: it has the whole client, and what it lacks for a database of its own,
SQLAlchemy and Alembic, comes with Optuna. The full `mlflow` (a server, pages, learning libraries)
is needed only where somebody looks at the runs.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autotrain.errors import ConfigurationError
from autotrain.files import JsonObject
from autotrain.paths import StudyPaths, Workspace
from autotrain.storage.optuna_storage import sqlite_url
from autotrain.storage.settings import StudySettings
from autotrain.trial import Epoch, Trial, TrialStatus

_EXPERIMENT = "autotrain"
_STUDY, _TRIAL, _STATE = "autotrain.study_id", "autotrain.trial", "autotrain.state"
_UNDER = "mlflow.parentRunId"  # MLflow's own tag
_AT_ONCE = 500  # metrics; MLflow takes 1,000
_STATUS = {
    TrialStatus.WAITING: "SCHEDULED",
    TrialStatus.RUNNING: "RUNNING",
    TrialStatus.COMPLETE: "FINISHED",
    TrialStatus.PRUNED: "KILLED",
    TrialStatus.FAIL: "FAILED",
}
_FINAL = ("FINISHED", "KILLED", "FAILED")


@dataclass
class _Run:
    """What MLflow has of a trial; `last` is None as long as nobody asked."""

    id: str
    status: str
    last: int | None = None


class MlflowRuns:
    """The runs of a study on the server of MLFLOW_TRACKING_URI, or else in a file of the workspace.

    Raises:
        ConfigurationError: MLflow cannot use the address.
    """

    def __init__(self, settings: StudySettings, paths: StudyPaths, workspace: Workspace) -> None:
        self._settings, self._paths, self._workspace = settings, paths, workspace
        self._metrics = [objective.metric for objective in settings.space.objectives]
        mlflow = _import_mlflow()
        self._local = not mlflow.is_tracking_uri_set()
        self._place = str(workspace.mlflow_database) if self._local else mlflow.get_tracking_uri()
        uri = sqlite_url(workspace.mlflow_database) if self._local else self._place
        if self._local:
            workspace.mlflow_database.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._client = mlflow.MlflowClient(tracking_uri=uri)
        except Exception as error:  # MLflow has one kind of its own for each kind of store
            raise ConfigurationError(f"MLFLOW_TRACKING_URI={uri} cannot be used: {error}") from None
        self._experiment = self._study = ""
        self._runs: dict[int, _Run] = {}

    def connect(self) -> None:
        """Find the runs of the study, or make the first one."""
        self._experiment = self._experiment_id()
        mine = f"tags.`{_STUDY}` = '{self._settings.id}'"
        study = next(self._search(mine), None)
        if study is None:
            study = self._client.create_run(
                self._experiment, run_name=self._settings.name, tags={_STUDY: self._settings.id}
            )
        self._study = study.info.run_id
        self._log(self._study, params=self._facts())
        self._client.update_run(self._study, status="RUNNING")
        self._runs = {
            int(run.data.tags[_TRIAL]): _Run(run.info.run_id, run.info.status)
            for run in self._search(f"tags.`{_UNDER}` = '{self._study}'")
            if _TRIAL in run.data.tags
        }

    def record(self, trial: Trial) -> None:
        """Add new epochs, and the state."""
        run = self._runs.get(trial.number) or self._begin(trial)
        if run.status in _FINAL:
            return
        if run.last is None:
            run.last = self._last_epoch(run)
        new = [record for record in trial.epochs if record.epoch > (run.last or 0)]
        self._log(run.id, new, {} if run.last else trial.params)
        run.last = new[-1].epoch if new else run.last
        resting = not trial.is_finished and trial.worker is None
        status = _STATUS[TrialStatus.WAITING if resting else trial.status]
        if trial.is_finished:
            self._finish(run, trial, status)
        elif status != run.status:
            self._client.update_run(run.id, status=status)
        run.status = status

    def end(self, best: Trial | None, status: TrialStatus) -> None:
        """The best value, the files of the best trial and the report, and how the search ended."""
        if best is not None:
            self._log_best(self._study, best)
            self._client.set_tag(self._study, "autotrain.best_trial", str(best.number))
            paths = self._paths
            files = {
                paths.trial(best.number).config: None,
                paths.best_model: "best",
                paths.best_card: "best",
                paths.report: None,
            }
            for path, folder in files.items():
                if path.exists():
                    self._client.log_artifact(self._study, str(path), folder)
        if _STATUS[status] in _FINAL:
            self._client.set_terminated(self._study, _STATUS[status])
        else:
            self._client.update_run(self._study, status=_STATUS[status])

    # What a run is made of.

    def _experiment_id(self) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or _EXPERIMENT
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        files = self._workspace.mlflow_artifacts.resolve().as_uri() if self._local else None
        return str(self._client.create_experiment(name, artifact_location=files))

    def _search(self, query: str) -> Iterator[Any]:
        token = None
        while True:
            page = self._client.search_runs([self._experiment], query, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def _facts(self) -> JsonObject:
        settings = self._settings
        goals = [f"{o.direction} {o.metric}" for o in settings.space.objectives]
        return {
            "space": settings.space.name,
            "objective": ", ".join(goals),
            "data": settings.data.source if settings.data else "",
            "epochs": settings.epochs,
            "pruner": settings.pruner,
            "strategy": settings.strategy,
            "seed": settings.seed,
            "backend": settings.backend,
        }

    def _begin(self, trial: Trial) -> _Run:
        tags = {_UNDER: self._study, _TRIAL: str(trial.number)}  # a server takes texts alone
        if trial.parent is not None:
            tags["autotrain.parent"] = str(trial.parent)
        name = f"trial {trial.number}"
        made = self._client.create_run(self._experiment, run_name=name, tags=tags)
        run = self._runs[trial.number] = _Run(made.info.run_id, "RUNNING", 0)
        return run

    def _last_epoch(self, run: _Run) -> int:
        history = self._client.get_metric_history(run.id, _name(self._metrics[0]))
        return max((metric.step for metric in history), default=0)

    def _finish(self, run: _Run, trial: Trial, status: str) -> None:
        self._client.set_tag(run.id, _STATE, str(trial.status))
        if why := trial.cause:
            self._client.set_tag(run.id, "autotrain.error", why[:5000])
        self._log_best(run.id, trial)
        self._client.set_terminated(run.id, status)

    def _log_best(self, run: str, trial: Trial) -> None:
        """Unless it is there: from the last search, or from one that was killed just after this."""
        known = self._client.get_run(run).data.metrics
        best = dict(zip((f"best/{name}" for name in self._metrics), trial.values, strict=False))
        new = {name: value for name, value in best.items() if known.get(_name(name)) != value}
        if new:
            self._log(run, [Epoch(trial.best_epoch, new)])

    def _log(self, run: str, epochs: Sequence[Epoch] = (), params: Any = None) -> None:
        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)
        given = [Param(_name(key), str(value)) for key, value in (params or {}).items()]
        metrics = [Metric(_name(key), value, now, record.epoch)
                   for record in epochs for key, value in record.metrics.items()]  # fmt: skip
        for i in range(0, len(given), 100):  # as many as MLflow takes
            self._client.log_batch(run, params=given[i : i + 100])
        for i in range(0, len(metrics), _AT_ONCE):
            self._client.log_batch(run, metrics=metrics[i : i + _AT_ONCE])


def _name(text: str) -> str:
    """The text without what MLflow allows in no name."""
    return re.sub(r"[^\w\-. /]", "_", text)


def _import_mlflow() -> Any:
    """MLflow, silent: its lines would tear the live table and `--json`.

    It also reports its use to its makers by default, and a search tells nobody of itself unasked.
    """
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return mlflow
