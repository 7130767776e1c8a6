"""The contract of samplers: which configuration is tried next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autotrain.errors import SearchFailedError, SpaceError
from autotrain.space import Space
from autotrain.trial import Params
from autotrain.tuner.view import StudyView


@dataclass(frozen=True)
class Suggestion:
    """A configuration, and what its sampler wants to find again with the trial.

    Attributes:
        params: values by name; fixed and inactive parameters may be left out or given.
        memory: plain data, kept in the storage; later found as `Trial.memory`.
    """

    params: Params
    memory: Mapping[str, Any] = field(default_factory=dict)


class Sampler:
    """Proposes configurations. It keeps nothing that the view could not tell it again."""

    def suggest(self, study: StudyView, number: int, seed: int) -> Suggestion | Params | None:
        """The configuration of trial `number`; None when there is nothing left to try.

        The same study, number and seed should give the same answer, whatever came between: then a
        search that is killed and goes on proposes what the uninterrupted one would have.

        Args:
            study: if it has a trial of this number already, that one was queued with the values in
                its `given`, which stay; the others are to be completed.
            seed: of the study.
        """
        raise NotImplementedError

    def check(self, space: Space) -> None:
        """Whether it can serve a space, before any work starts.

        Raises:
            ConfigurationError: it cannot, and why.
        """


class CheckedSampler(Sampler):
    """A sampler that is not our own; what it proposes is checked.

    Args:
        name: for messages.
    """

    def __init__(self, sampler: Any, name: str) -> None:
        self._sampler, self._name = sampler, name

    def check(self, space: Space) -> None:
        """Ask the sampler, if it has an answer."""
        if hasattr(self._sampler, "check"):
            self._sampler.check(space)

    def suggest(self, study: StudyView, number: int, seed: int) -> Suggestion | None:
        """The sampler's answer with the given values.

        Raises:
            SearchFailedError: it is no configuration of the space.
        """
        answer = self._sampler.suggest(study, number, seed)
        if answer is None:
            return None
        found = answer if isinstance(answer, Suggestion) else Suggestion(answer)
        params = {**found.params, **given_values(study, number)}
        try:
            checked = study.space.check(study.space.active(params))
        except SpaceError as error:
            raise SearchFailedError(
                f"the sampler {self._name} proposed for trial {number} what is not in the space:\n{error}"
            ) from None
        return Suggestion(checked, found.memory)


def given_values(study: StudyView, number: int) -> Params:
    """The values that a queued trial was given; none for a new one."""
    queued = study.trials.get(number)
    return {} if queued is None else queued.given
