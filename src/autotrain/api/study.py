"""A study and all that can be made of it; each method is a command of the same name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from autotrain.analysis.leaderboard import Leaderboard
from autotrain.analysis.stored_study import StoredStudy
from autotrain.analysis.workspace import found_studies, load_stored
from autotrain.api.delete import delete_study
from autotrain.engines.callbacks import Callback, Callbacks
from autotrain.errors import StudyError
from autotrain.reports.evaluation_report import Evaluation
from autotrain.reports.html import fragment
from autotrain.reports.summary import facts, ranking

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from autotrain.api.predict import NewData
    from autotrain.api.train import Retrained

_SHOWN = 10  # trials in a notebook


class Study(StoredStudy):
    """One study: its trials, the best of them, and all that can be made of it.

    A notebook shows it as a table. Where a method takes `gpus`, that is `all`, `none` or ids such as
    `0,1`: where models are run and trained.

    Example:
        study = autotrain.search("digits_cnn", trials=12)
        study.leaderboard()
        study.export("digits-model")
        study.predict("new.npy")

    Attributes:
        settings: what the study is: space, data, seeds.
        paths: where its files lie.
    """

    @classmethod
    def of(cls, stored: StoredStudy) -> Study:
        """The study that was found."""
        return cls(stored.settings, stored.paths, stored.storage_url)

    def leaderboard(
        self,
        *,
        top: int = 10,
        test: bool = False,
        ensemble: int | None = None,
        gpus: str = "all",
    ) -> Leaderboard:
        """The best complete trials, with intervals and with what their models cost.

        Args:
            top: how many.
            test: also on the locked test part, which is done once for a trial and written down.
            ensemble: with an entry for the mean of at most so many trials.

        Raises:
            ConfigurationError: no trial is complete yet.
        """
        from autotrain.api.leaderboard import ranked

        return ranked([self], test=test, top=top, ensemble=ensemble, gpus=gpus)

    def report(
        self, out: str | Path | None = None, *, baselines: bool = False, gpus: str = "all"
    ) -> Path:
        """Write one self-contained HTML file about the study, and return its path.

        Args:
            out: the file; by default `report.html` in the study's folder.
            baselines: compare with models of scikit-learn on the same split.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        from autotrain.api.report import write_report

        return write_report(self, None if out is None else Path(out), gpus, baselines)

    def confirm(
        self,
        count: int = 3,
        seeds: int = 3,
        *,
        callbacks: Sequence[Callback] = (),
        workers: int | None = None,
        gpus: str = "all",
        **options: Any,
    ) -> Leaderboard:
        """Train the best trials again over seeds that the search did not use, and rank them by that.

        What was done before is kept: the same call goes on where it was interrupted.

        Args:
            count: how many of the best complete trials.
            seeds: how often each.
            callbacks: told what happens.
            workers: parallel runs.
            **options: `engine`, and what it needs; see `search`.

        Raises:
            ConfigurationError: there is nothing to confirm, or the study is a function's.
            KeyboardInterrupt: after Ctrl-C, once the runs are saved.
        """
        from autotrain.api.confirm import confirm

        told = Callbacks(callbacks)
        if not confirm(self, count, seeds, told, workers=workers, gpus=gpus, **options):
            raise KeyboardInterrupt
        return self.leaderboard(top=count, gpus=gpus)

    def export(
        self,
        out: str | Path,
        *,
        format: str = "keras",
        trial: int | None = None,
        ensemble: int | None = None,
        refit: bool = False,
        seeds: int = 1,
        quantize: str | None = None,
        gpus: str = "all",
    ) -> Path:
        """Write a folder that runs elsewhere, checked before it is kept, and return its path.

        Args:
            out: a new folder.
            format: of the model's file: `keras`, `saved_model`, `onnx`, `litert`, or that of an
                installed package.
            trial: one whose weights are kept; the best by default.
            ensemble: instead of a trial the mean of at most so many, chosen greedily.
            refit: train again on training and validation data together.
            seeds: runs of `refit`, whose mean the model is.
            quantize: smaller and a little coarser, where the format can.

        Raises:
            ConfigurationError, StudyError: it cannot be done, see the message.
            ExportError: what was written is not what was trained; nothing is kept.
        """
        from autotrain.api.export import ExportOptions, export

        options = ExportOptions(format, trial, ensemble, refit, seeds, quantize, gpus)
        export(self, Path(out), options)
        return Path(out)

    def train(self, number: int, *, out: str | Path | None = None, gpus: str = "all") -> Retrained:
        """Train a trial again, as it was recorded, and compare.

        Args:
            number: of the trial.
            out: folder for `model.keras` and `metrics.csv`; None writes nothing.

        Raises:
            StudyError: there is no such trial.
            ConfigurationError, DataError: it cannot be trained again, see the message.
        """
        from autotrain.api.train import train

        if not any(trial.number == number for trial in self.trials):
            raise StudyError(f"the study '{self.name}' has no trial {number}")
        config = self.paths.trial(number).config
        return train(config, self.workspace.root, out=out, gpus=gpus)

    def load_model(self) -> keras.Model:
        """The best model as a Keras model: raw inputs in, class probabilities out.

        Raises:
            StudyError: no best model has been written yet.
        """
        if not self.paths.best_model.exists():
            raise StudyError(
                f"the study '{self.name}' has no best model at {self.paths.best_model}"
            )
        import keras

        found: keras.Model = keras.models.load_model(self.paths.best_model)
        return found

    def inputs(self, data: NewData) -> Any:
        """What `load_model().predict` takes of rows or texts: tensors, a dictionary of them for rows.

        Cells mean what they mean in training, whatever type their columns have.

        Raises:
            DataError: a cell is no number where all are, or a column is not there.
        """
        from autotrain.api.predict import model_inputs

        return model_inputs(self._exported(), data)

    def predict(self, data: NewData, **options: Any) -> pd.DataFrame:
        """The answers of the best model, a row for each example; see `autotrain.predict`.

        The model is exported to a temporary folder when it is first asked, which takes some seconds.

        Raises:
            ConfigurationError, StudyError, DataError: there is no model, or the data cannot be read.
        """
        from autotrain.api.predict import predict

        return predict(self._exported(), data, **options)

    def evaluate(
        self, data: str | Path | pd.DataFrame | Any, target: str | Sequence[str] | None = None
    ) -> Evaluation:
        """How good the best model is on other labelled data; see `autotrain.evaluate`.

        Raises:
            ConfigurationError, StudyError, DataError: there is no model, or the data cannot be read.
        """
        from autotrain.api.evaluate import evaluate

        return evaluate(self._exported(), data, target)

    def delete(self) -> None:
        """Remove the study for good: its folder and its trials in the database.

        Raises:
            StudyLockedError: it is being searched.
        """
        delete_study(self.name, self.workspace.root, self.storage_url)

    def _exported(self) -> Path:
        """An export of the best model, made once for each."""
        best = self.best_trial.number
        if getattr(self, "_export_of", None) != best:
            self._export_folder = TemporaryDirectory(prefix="autotrain-")
            self.export(Path(self._export_folder.name) / "model")
            self._export_of = best
        return Path(self._export_folder.name) / "model"

    def _repr_html_(self) -> str:
        notes = [f"{label}: {text}" for label, text in facts(self, size=False)[1:]]
        return fragment(
            "notebook.html", title=self.name, notes=notes, tables=[ranking(self, _SHOWN)]
        )


def load_study(name: str, runs: str | Path = "runs", storage: str | None = None) -> Study:
    """Open a study of a workspace.

    Args:
        runs: the workspace.
        storage: the database, where it is another one than the study's own.

    Raises:
        StudyError: there is none of that name, or its settings are lost.
    """
    return Study.of(load_stored(name, runs, storage))


def studies(runs: str | Path = "runs", storage: str | None = None) -> pd.DataFrame:
    """The studies of a workspace, in the order of their start.

    Returns:
        A row for each: `study`, `trials`, `metric`, `best` (its value of the metric), `trial` (the
        best one's number), `states` (trials by state), and `problem`: what is lost of a study that
        cannot be read; empty otherwise.
    """
    import pandas as pd

    rows = []
    for found in found_studies(runs, storage):
        study = found.study
        best = study.leader if study is not None else None
        rows.append(
            {
                "study": found.name,
                "trials": len(study.trials) if study is not None else None,
                "metric": study.objective.metric if study is not None else None,
                "best": best.values[0] if best is not None else None,
                "trial": best.number if best is not None else None,
                "states": study.counts_text if study is not None else "",
                "problem": found.problem,
            }
        )
    columns = ["study", "trials", "metric", "best", "trial", "states", "problem"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"trials": "Int64", "trial": "Int64", "best": "float64"})
