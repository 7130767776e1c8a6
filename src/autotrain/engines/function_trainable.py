"""A training loop of the user's own as something that a study trains."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autotrain.errors import AutotrainError, ConfigurationError
from autotrain.training.job import Job, Runner
from autotrain.trial import Decision, Epoch, Params, Report

ObjectiveFunction = Callable[[dict[str, Any], "Reporter"], Any]


@dataclass(frozen=True)
class FunctionTrainable:
    """A training loop of the user's own, `function(params, reporter)`."""

    function: ObjectiveFunction

    def __reduce__(self) -> tuple[Any, ...]:
        import cloudpickle  # which takes functions of scripts and notebooks along

        return _function_trainable, (cloudpickle.dumps(self.function),)

    def check(self, travels: bool) -> None:
        """Whether it can be called, and sent to worker processes.

        Raises:
            ConfigurationError: it cannot.
        """
        try:
            inspect.signature(self.function).bind({}, None)
        except (TypeError, ValueError) as error:
            raise ConfigurationError(
                f"objective must be a function of (params, reporter), got {self.function!r}: {error}"
            ) from None
        try:
            if travels:
                self.__reduce__()
        except Exception as error:
            raise ConfigurationError(
                f"the objective cannot travel to a worker process ({error}): "
                "let it create what it needs itself, or search with workers=0"
            ) from error

    def signature(self, params: Params) -> Hashable:
        """A function compiles nothing that we know of."""
        return None

    def problems(self, params: Params) -> list[str]:
        """Nobody but the function knows."""
        return []

    def tunable(self, parameter: str) -> bool:
        """A function is called anew with whatever values."""
        return True

    def open(self) -> Runner:
        """The function as it is."""
        return FunctionRunner(self.function)


def _function_trainable(pickled: bytes) -> FunctionTrainable:
    import cloudpickle

    return FunctionTrainable(cloudpickle.loads(pickled))


class StopTraining(BaseException):
    """Raised by `Reporter.report` when the trial is to end here."""


class Reporter:
    """What a user's own objective reports to.

    Attributes:
        epochs: the full length of a trial.
        seed: for everything random in it.
        checkpoint: a path that the function may save its state to and resume from; after a pause
            or a crash the function is called again with the same path.
    """

    def __init__(self, job: Job, report: Report) -> None:
        self.epochs, self.seed, self.checkpoint = job.epochs, job.seed, job.checkpoint
        self.decision = Decision.CONTINUE
        self._metrics, self._report = (job.metric, *job.further), report
        self._last = 0

    def report(self, epoch: int | None = None, **metrics: float) -> None:
        """Report the metrics of an epoch, counted from 1 (the next one when left out).

        Raises:
            StopTraining: the trial ends or pauses here; let it pass.
            AutotrainError: the objective's metric is missing, or a value is not a finite number.
        """
        epoch = self._last + 1 if epoch is None else int(epoch)
        if epoch <= 0 or epoch < self._last:
            raise AutotrainError(f"epochs count up from 1, got {epoch} after {self._last}")
        missing = [name for name in self._metrics if name not in metrics]
        if missing:
            given = ", ".join(metrics) or "nothing"
            raise AutotrainError(f"the objective must report '{missing[0]}', got {given}")
        record = Epoch(epoch, _numbers(metrics, epoch))
        self._last = epoch
        self.decision = self._report(record)
        if self.decision in (Decision.PAUSE, Decision.STOP):
            raise StopTraining


def _numbers(metrics: Mapping[str, Any], epoch: int) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, value in metrics.items():
        try:
            values[name] = float(value)
        except (TypeError, ValueError):
            raise AutotrainError(f"{name} in epoch {epoch} is not a number: {value!r}") from None
        if not abs(values[name]) < float("inf"):
            raise AutotrainError(f"{name} became {values[name]} in epoch {epoch}")
    return values


class FunctionRunner:
    """Calls a user's own training loop.

    A returned number is one last report, and the trial's last word: it is complete.
    """

    def __init__(self, function: ObjectiveFunction) -> None:
        self._function = function

    def run(self, job: Job, report: Report) -> bool:
        """Call the function."""
        reporter = Reporter(job, report)
        try:
            result = self._function(dict(job.params), reporter)
        except StopTraining:
            return False
        with suppress(StopTraining):  # what was evaluated to its end is not pruned any more
            if isinstance(result, numbers.Real):
                reporter.report(None, **{job.metric: float(result)})
            elif isinstance(result, Mapping):
                reporter.report(**result)
        if reporter._last == 0:
            raise AutotrainError(
                "the objective neither reported an epoch nor returned a number: "
                f"call reporter.report({job.metric}=…) or return the value"
            )
        return True

    def signatures(self) -> list[Hashable]:
        """A function compiles nothing that we know of."""
        return []

    def is_worn(self) -> bool:
        """A user's own function looks after its memory."""
        return False

    def call(self, name: str, job: Job, path: Path) -> dict[str, Any]:
        """A user's own loop keeps its own models."""
        raise AutotrainError(f"{name}: a function of the user's keeps its own models")
