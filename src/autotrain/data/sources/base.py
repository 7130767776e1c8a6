"""Where data comes from: the contract of a source."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from autotrain.data.dataset import Dataset
from autotrain.space import DataSpec
from autotrain.tasks import Task

# Of the data section: how a table in time order is cut into windows.
SERIES_OPTIONS = ("horizon", "lookback", "season", "time", "known")


class DataSource(ABC):
    """One form of data that `data:` in a space, or `--data`, can name.

    Attributes:
        form: what it is, as the end of "data must be ...".
        names: that stand for data by themselves, without a file.
        options: of the data section that say something about it, besides source, sizes and splits.
        classes_only: whether every example has one class here.
    """

    form: str
    names: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    classes_only = False

    @abstractmethod
    def matches(self, spec: DataSpec) -> bool:
        """Whether the source that a data section names is of this form."""

    @abstractmethod
    def read(self, spec: DataSpec, task: Task, modality: str | None) -> Dataset:
        """Load and check the data.

        Args:
            spec: one that matches.
            task: what is predicted.
            modality: what the models read, a name of `MODALITIES`; None where any will do.

        Raises:
            DataError: it cannot be read or used.
        """


def path_of(spec: DataSpec) -> Path | None:
    """The file or folder that a data section names, if it is there; `~` is expanded."""
    try:
        path = Path(str(spec.source)).expanduser()
        return path if path.exists() else None
    except (OSError, ValueError, RuntimeError):
        return None
