"""Every error a user can meet, as one small tree.

Each message states what is wrong, where, the value seen and what to do about it.
The command line prints the message alone and exits with `exit_code`; no traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


class AutotrainError(Exception):
    """Base of all errors that a user can cause or mend."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One mistake in a space or a configuration file.

    Attributes:
        where: `file:line`, or the path of keys where there is no file.
        rule: the rule that is broken, as a sentence without a final dot.
        value: the value seen, as the user wrote it; empty when there is none.
        hint: the nearest right name or another way out; empty when there is none.
    """

    where: str
    rule: str
    value: str = ""
    hint: str = ""

    def __str__(self) -> str:
        seen = f", got {self.value}" if self.value else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: {self.rule}{seen}{hint}"


class SpaceError(AutotrainError):
    """A search space or a configuration breaks rules; all of them are listed at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


class DataError(AutotrainError):
    """The data cannot be found, read, or used for training."""


class ConfigurationError(AutotrainError):
    """A setting of a search is impossible; nothing has started."""


class MissingExtraError(AutotrainError):
    """Something optional was asked for whose packages are not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        self.feature, self.extra = feature, extra
        super().__init__(
            f"{feature} needs packages that are not installed: "
            f"install them with  pip install 'autotrain[{extra}]'"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.feature, self.extra)


class StudyError(AutotrainError):
    """A study cannot be found, opened or continued."""


class StudyLockedError(StudyError):
    """Another process owns the study."""


class StudyChangedError(StudyError):
    """A stored study was made with other settings than those asked for now."""


class InfeasibleError(AutotrainError):
    """A configuration cannot be trained on this data (for instance a network too deep for the image)."""


class NonFiniteMetricError(AutotrainError):
    """A metric became NaN or infinite; training on would be wasted."""


class CheckpointError(AutotrainError):
    """A checkpoint is damaged or belongs to another configuration."""


class ExportError(AutotrainError):
    """An exported model is not the one that was trained, or does not run; nothing was kept."""


class SearchFailedError(AutotrainError):
    """The search stopped because its trials fail for a reason that more trials cannot mend."""

    exit_code = 1


def nearest(name: object, known: Iterable[object]) -> str:
    """The hint `did you mean 'x'?` for the known name most like `name`, or an empty string."""
    names = [str(item) for item in known]
    match = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f"did you mean '{match[0]}'?" if match else ""


def describe(error: BaseException) -> str:
    """One line for people: our own messages as they are, others with their type."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    if isinstance(error, AutotrainError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
