"""`Space`: everything that a search needs to know about what to search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from autotrain.errors import Problem, SpaceError, nearest
from autotrain.space import checking, conditions, overrides, writing
from autotrain.space.mistakes import Mistakes
from autotrain.space.parameters import Parameter
from autotrain.space.reading import Parts, read_parts
from autotrain.space.scalars import Scalar
from autotrain.space.settings import Budget, DataSpec, Objective
from autotrain.space.yaml_text import LineMap


class Space:
    """A search space: parameters, objective, budget, and what model to train on what data.

    Immutable by convention, and equal by content; lines of the file it came from do not count.

    Example:
        >>> space = Space({"lr": Float(1e-4, 1e-1, log=True)}, "val_accuracy")

    Args:
        parameters: by name; a bare value is fixed, and a mapping is read in the YAML form.
        objective: a metric's name, an `Objective`, its YAML form, or a list of those.
        name: what leaderboards call the space.
        description: a sentence for people.
        task: a kind of data and what is predicted, such as `image_classification` (the usual),
            `tabular_regression` or `text_multilabel`; None for a classification.
        data: a built-in data set's name or a path, a `DataSpec`, or its YAML form.
        model: a model family's name.
        budget: epochs, trials and timeout.
        start_from: configurations known to be good, with some or all parameters given; a search
            tries them first.

    Attributes:
        objectives: at least one; the first decides about stopping trials early.
        lines: where each entry was written.

    Raises:
        SpaceError: with every mistake.
    """

    name: str
    description: str
    task: str | None
    data: DataSpec | None
    model: str | None
    objectives: tuple[Objective, ...]
    budget: Budget
    parameters: dict[str, Parameter]
    start_from: tuple[dict[str, Any], ...]
    lines: LineMap

    def __init__(
        self,
        parameters: Mapping[str, Parameter | Scalar | Mapping[str, Any]],
        objective: Any,
        *,
        name: str = "space",
        description: str = "",
        task: str | None = None,
        data: DataSpec | str | Mapping[str, Any] | None = None,
        model: str | None = None,
        budget: Budget | Mapping[str, Any] | None = None,
        start_from: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        raw = {
            "name": name,
            "description": description,
            "task": task,
            "data": data,
            "model": model,
            "objective": objective,
            "budget": budget,
            "parameters": parameters,
            "start_from": start_from,
        }
        self._read(raw, LineMap(), "space")

    @classmethod
    def from_dict(
        cls, raw: Any, where: str = "", *, lines: LineMap | None = None, name: str = "space"
    ) -> Space:
        """Reads the YAML form.

        Args:
            raw: plain data.
            where: what to call the source in messages.
            lines: the lines of the entries, from `parse_yaml`.
            name: the space's name where `raw` has none.

        Raises:
            SpaceError: with every mistake.
        """
        space = cls.__new__(cls)
        space._read(raw, lines or LineMap(where), name)
        return space

    def _read(self, raw: Any, lines: LineMap, name: str) -> None:
        bad = Mistakes()
        parts = read_parts(raw, bad, name)
        bad.raise_at(lambda path: (lines.line(*path), lines.locate(*path)))
        assert parts is not None  # otherwise there was a mistake
        self._fill(parts, lines)

    def _fill(self, parts: Parts, lines: LineMap) -> None:
        self.__dict__.update(vars(parts))
        self.lines = lines

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Names such that every condition's subject comes first, otherwise as written."""
        return conditions.ordered(self.parameters)

    def is_active(self, name: str, params: Mapping[str, Any]) -> bool:
        """Whether a parameter takes part, given the values decided so far.

        Args:
            name: a parameter of this space.
            params: at least the values that come before `name` in `order`; inactive ones are
                ignored, and fixed ones may be left out.

        Raises:
            SpaceError: the space has no such parameter.
        """
        if name not in self.parameters:
            hint = nearest(name, self.parameters)
            rule = "the space has no such parameter"
            raise SpaceError([Problem(self.locate("parameters"), rule, repr(name), hint)])
        subjects = tuple(n for n in self.order if n != name)
        known = conditions.active(self.parameters, subjects, params)
        return conditions.is_active(self.parameters, name, known)

    def active(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The active part of a full or partial assignment, in order, with fixed values filled in.

        Values are not checked, and names that the space does not know are ignored.
        """
        return conditions.active(self.parameters, self.order, params)

    def check(self, params: Mapping[str, Any], where: checking.Where = "") -> dict[str, Any]:
        """A complete configuration, with fixed values filled in, in order.

        Args:
            params: values by parameter name.
            where: what to call the configuration in messages, or a function from a parameter's
                name to its place.

        Raises:
            SpaceError: unknown names, missing active parameters, inactive ones given, and values
                out of range; all at once.
        """
        return checking.check(self, params, where)

    def check_partial(
        self, params: Mapping[str, Any], where: checking.Where = ""
    ) -> dict[str, Any]:
        """Like `check`, but values may be missing.

        A value of an inactive parameter is refused only where the rest makes that certain.
        """
        return checking.check(self, params, where, partial=True)

    def with_overrides(self, settings: Mapping[str, Any], where: str = "--set") -> Space:
        """A space with settings changed, such as `{"learning_rate.high": 0.1, "batch_size": 32}`.

        Strings are read like YAML scalars. What the settings make impossible leaves the space: with
        `optimizer=adam`, a momentum that needs `optimizer: sgd`, and configurations to start from
        that have another optimizer.

        Raises:
            SpaceError: with every mistake.
        """
        space = type(self).__new__(type(self))
        space._fill(overrides.apply_overrides(self, settings, where), self.lines)
        return space

    def locate(self, *path: str | int) -> str:
        """`file:line` of an entry such as `("parameters", "momentum", "when")`.

        Without a file it is the dotted path; an unknown entry has the line of what is around it.
        """
        return self.lines.locate(*path)

    def to_dict(self) -> dict[str, Any]:
        """The space in the YAML form, as plain data."""
        return writing.to_dict(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Space):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash((self.name, self.objectives, tuple(sorted(self.parameters))))

    def _content(self) -> tuple[Any, ...]:
        texts = (self.name, self.description, self.task, self.model)
        return (*texts, self.data, self.objectives, self.budget, self.parameters, self.start_from)

    def __repr__(self) -> str:
        return f"Space({self.parameters!r}, {list(self.objectives)!r}, name={self.name!r})"
