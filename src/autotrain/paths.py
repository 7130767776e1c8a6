"""The only owner of file names in a workspace (`runs/`), a study's folder and an exported model.

Pure names: nothing here creates, reads or deletes a file.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autotrain.errors import ConfigurationError

_LONGEST_FOLDER_NAME = 120  # bytes; file systems allow 255, and temporary names need room


def folder_name(study: str) -> str:
    """A safe, readable and unique folder name for any study name.

    Letters of every script stay as they are; what a file system or a shell could trip over is
    percent-encoded; long names are cut and told apart by a hash.
    """
    safe = "".join(c if c.isalnum() or c in "-_.+ " else quote(c, safe="") for c in study)
    if safe.startswith("."):
        safe = "%2E" + safe[1:]
    raw = safe.encode()
    if len(raw) <= _LONGEST_FOLDER_NAME:
        return safe
    digest = hashlib.sha256(study.encode()).hexdigest()[:12]
    return raw[: _LONGEST_FOLDER_NAME - 13].decode(errors="ignore") + "-" + digest


@dataclass(frozen=True)
class TrialPaths:
    """Files of one trial.

    Attributes:
        shared_root: folder of checkpoint and weights where that is another one; see `shared_folder`.
    """

    root: Path
    shared_root: Path | None = None

    @property
    def config(self) -> Path:
        """The trial's configuration, enough to train it again."""
        return self.root / "config.yaml"

    @property
    def metrics(self) -> Path:
        """One line an epoch."""
        return self.root / "metrics.csv"

    @property
    def checkpoint(self) -> Path:
        """State to resume training from; only running and paused trials have one."""
        return (self.shared_root or self.root) / "checkpoint"

    @property
    def weights(self) -> Path:
        """The weights of the best epoch; kept for the best trials of a study."""
        return (self.shared_root or self.root) / "weights"

    @property
    def facts(self) -> Path:
        """What was measured of the trial's model, as JSON."""
        return self.root / "facts.json"

    @property
    def outputs(self) -> Path:
        """The model's outputs on the validation part, and the targets, as `.npz`."""
        return self.root / "validation.npz"

    @property
    def test_outputs(self) -> Path:
        """The same for the test part, where that was asked for."""
        return self.root / "test.npz"

    @property
    def log(self) -> Path:
        """What the trial printed, and why it failed."""
        return self.root / "log"


@dataclass(frozen=True)
class StudyPaths:
    """Files of one study.

    Attributes:
        shared_root: folder of checkpoints and weights where workers cannot write into `root`.
    """

    root: Path
    shared_root: Path | None = None

    @property
    def study(self) -> Path:
        """The frozen settings."""
        return self.root / "study.yaml"

    @property
    def lock(self) -> Path:
        """Held by the process that searches the study."""
        return self.root / "lock"

    @property
    def trials(self) -> Path:
        """One folder a trial."""
        return self.root / "trials"

    @property
    def workers(self) -> Path:
        """Logs of the worker processes."""
        return self.root / "workers"

    @property
    def test(self) -> Path:
        """Metrics on the locked test part, by trial, with the date of the one look at it."""
        return self.root / "test.json"

    @property
    def teacher(self) -> Path:
        """A teacher's outputs on the training part, `.npy`, in a study that learns from one."""
        return self.root / "teacher.npy"

    @property
    def confirm(self) -> Path:
        """The best trials trained again over several seeds, one folder each, as `7-2`."""
        return self.root / "confirm"

    @property
    def baselines(self) -> Path:
        """What scikit-learn's models reach on the same split, where that was asked for."""
        return self.root / "baselines.json"

    @property
    def tensorboard(self) -> Path:
        """Event files, of searches that are tracked with TensorBoard."""
        return self.root / "tensorboard"

    def trial_events(self, number: int) -> Path:
        """Those of a trial."""
        return self.tensorboard / str(number)

    @property
    def report(self) -> Path:
        """The report, one self-contained page."""
        return self.root / "report.html"

    @property
    def best(self) -> Path:
        """The best model and its card."""
        return self.root / "best"

    @property
    def best_model(self) -> Path:
        """A model that plain Keras loads."""
        return self.best / "model.keras"

    @property
    def best_card(self) -> Path:
        """What the best model is, as JSON."""
        return self.best / "model.json"

    def trial(self, number: int) -> TrialPaths:
        """Files of a trial."""
        shared = self.shared_root and self.shared_root / "trials" / str(number)
        return TrialPaths(self.trials / str(number), shared)

    @property
    def segments(self) -> Path:
        """When each worker trained which trial."""
        return self.workers / "segments.csv"

    @property
    def measuring_log(self) -> Path:
        """What the worker printed that measures models."""
        return self.workers / "measuring.log"

    def worker_log(self, index: int) -> Path:
        """What a worker printed besides its trials."""
        return self.workers / f"{index}.log"


@dataclass(frozen=True)
class Workspace:
    """The folder that holds all studies, `runs` by default."""

    root: Path

    @property
    def database(self) -> Path:
        """All studies, an ordinary Optuna database."""
        return self.root / "studies.db"

    @property
    def data(self) -> Path:
        """Prepared arrays, one folder per fingerprint, shared by all studies."""
        return self.root / ".data"

    @property
    def given(self) -> Path:
        """Data that was given in Python, a file for each content."""
        return self.root / ".given"

    @property
    def mlflow_database(self) -> Path:
        """Runs of all studies that are tracked with MLflow without a server."""
        return self.root / ".mlflow" / "mlflow.db"

    @property
    def mlflow_artifacts(self) -> Path:
        """Files of these runs."""
        return self.root / ".mlflow" / "artifacts"

    def study(self, name: str, shared: str | None = None) -> StudyPaths:
        """Files of a study.

        Args:
            shared: folder or fsspec URI for checkpoints and weights; see `shared_folder`.
        """
        folder = folder_name(name)
        return StudyPaths(self.root / folder, shared_folder(shared) / folder if shared else None)


@dataclass(frozen=True)
class ExportPaths:
    """Files of an exported model that are ours; `serving`, copied there, knows those that it reads."""

    root: Path

    @property
    def manifest(self) -> Path:
        """The SHA-256 of every other file, as JSON."""
        return self.root / "manifest.json"

    @property
    def signature(self) -> Path:
        """Of the manifest, with the key of the user who exported it."""
        return self.root / "manifest.sig"

    @property
    def inputs(self) -> Path:
        """What the model reads, as JSON."""
        return self.root / "inputs.json"

    @property
    def card(self) -> Path:
        """What the model is and how good it is, as JSON."""
        return self.root / "card.json"

    @property
    def profile(self) -> Path:
        """What its training data was like, column by column, as JSON."""
        return self.root / "profile.json"

    @property
    def seen(self) -> Path:
        """Fingerprints of the rows that it was trained on, `[n]` uint64."""
        return self.root / "seen.npy"

    @property
    def readme(self) -> Path:
        """The card for people."""
        return self.root / "README.md"


def lock_owner(lock: Path) -> Path:
    """Who holds a lock, as JSON, beside it."""
    return lock.with_name("owner.json")


def shared_folder(place: str) -> Path:
    """A folder that all nodes of a cluster see: a path, or an fsspec URI such as s3://bucket/runs.

    What is behind a URI has the methods of a `Path` that checkpoints need.

    Raises:
        ConfigurationError: nothing installed can read such a URI.
    """
    if "://" not in place:
        return Path(place).expanduser().absolute()
    import upath

    try:
        folder: Any = upath.UPath(place)
        folder.exists()
    except Exception as error:  # each kind of storage has errors of its own
        raise ConfigurationError(f"--storage-path {place} cannot be used: {error}") from error
    return folder
