"""`Space`: everything that a search needs to know about what to search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeAlias

from pydantic import PrivateAttr, ValidationError

from autotrain.errors import Problem, SpaceError, nearest
from autotrain.space import conditions, serialize
from autotrain.space.configuration import check_configuration
from autotrain.space.mistakes import Mistake, mistakes_of, places_of
from autotrain.space.overrides import Overrides
from autotrain.space.parameters import Parameter
from autotrain.space.scalars import Scalar
from autotrain.space.schema import KEYS, MOST_PARAMETERS, SpaceSchema, read_parameter
from autotrain.space.sections import Budget, DataSpec, Objective
from autotrain.space.yaml_reader import LineMap

Where: TypeAlias = str | Callable[[str], str]  # a fixed place, or a parameter name's place
ObjectiveForm: TypeAlias = Objective | str | Mapping[str, Any]
_LEAST = {"objective": "loss", "parameters": {"x": 0}}  # of what a space must say


class Space(SpaceSchema):
    """A search space: parameters, objective, budget, and what model to train on what data.

    Immutable, and equal by content; lines of the file it came from do not count.

    Example:
        >>> space = Space({"lr": Float(1e-4, 1e-1, log=True)}, "val_accuracy")

    Args:
        parameters: by name, each a range or a bare value, which is fixed.
        objective: a metric's name, an `Objective` or a mapping like one, or a list of those.
        name: what leaderboards call the space.
        description: a sentence for people.
        task: a kind of data and what is predicted, such as `image_classification` (the usual),
            `tabular_regression` or `text_multilabel`; None for a classification.
        data: a built-in data set's name or a path, a `DataSpec` or a mapping like one.
        model: a model family's name, `my_file.py:build`, or a choice among several.
        threshold: of two classes, from which probability on one is said by an exported model: a
            metric that chooses it on validation, such as `f1:churned`, `objective` for the metric
            that is searched for, or a number; None says the likelier class.
        budget: epochs, trials and timeout: a `Budget` or a mapping like one.
        start_from: configurations known to be good, with some or all parameters given; a search
            tries them first.

    Attributes:
        objectives: at least one; the first decides about stopping trials early.
        lines: where each entry was written.

    Raises:
        SpaceError: with every mistake.
    """

    _lines: LineMap = PrivateAttr(default_factory=LineMap)

    def __init__(
        self,
        parameters: Mapping[str, Parameter | Scalar | Mapping[str, Any]],
        objective: ObjectiveForm | Sequence[ObjectiveForm],
        *,
        name: str = "space",
        description: str = "",
        task: str | None = None,
        data: DataSpec | str | Mapping[str, Any] | None = None,
        model: str | Parameter | Mapping[str, Any] | None = None,
        threshold: str | float | None = None,
        budget: Budget | Mapping[str, Any] | None = None,
        start_from: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        said: dict[str, Any] = {
            "name": name,
            "description": description,
            "task": task,
            "data": data,
            "model": model,
            "objective": objective,
            "threshold": threshold,
            "budget": budget,
            "parameters": parameters,
            "start_from": start_from,
        }
        try:
            super().__init__(**said)
        except ValidationError as error:
            raise LineMap().error(_mistakes(error)) from None

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
        lines = lines or LineMap(where)
        if isinstance(raw, Mapping):
            named = {} if raw.get("name") is not None else {"name": name}
            return cls._made({**raw, **named}, lines)
        rule = "a space must be a mapping of keys to values"
        hint = "it needs the keys objective and parameters"
        empty = Mistake((), "a space must not be empty", hint=hint)
        raise lines.error([empty if raw is None else Mistake((), rule, raw, hint)])

    @classmethod
    def _made(cls, said: Mapping[Any, Any], lines: LineMap, noted: Iterable[Mistake] = ()) -> Space:
        """A space of fields by their keys in a file; mistakes noted before are raised as well."""
        mistakes = list(noted)
        try:
            schema = SpaceSchema.model_validate(said)
        except ValidationError as error:
            mistakes += _mistakes(error)
        if mistakes:
            raise lines.error(mistakes)
        space = cls.model_construct(**dict(schema))
        space._lines = lines
        return space

    @classmethod
    def sound_part(cls, raw: Mapping[object, object], lines: LineMap) -> Space:
        """What is right in a space that breaks rules, so that other layers can check that much."""
        fields: dict[str, Any] = {"objectives": ()}
        for key in KEYS.keys() & raw.keys():
            with suppress(ValidationError):
                schema = SpaceSchema.model_validate({**_LEAST, key: raw[key]})
                fields[KEYS[key]] = getattr(schema, KEYS[key])
        found, model = raw.get("parameters"), raw.get("model")
        forms = dict(found) if isinstance(found, Mapping) and len(found) <= MOST_PARAMETERS else {}
        forms |= {"model": model} if isinstance(model, Mapping) else {}
        fields["parameters"] = {}
        for name, form in forms.items():
            with suppress(ValidationError):
                fields["parameters"][str(name)] = read_parameter(form, str(name))
        space = cls.model_construct(**fields)
        space._lines = lines
        return space

    @property
    def lines(self) -> LineMap:
        """Where each entry was written."""
        return self._lines

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Names such that every condition's subject comes first, otherwise as written."""
        return conditions.ordered(self.parameters)

    def is_active(self, name: str, params: Mapping[str, object]) -> bool:
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

    def active(self, params: Mapping[str, object]) -> dict[str, Any]:
        """The active part of a full or partial assignment, in order, with fixed values filled in.

        Values are not checked, and names that the space does not know are ignored.
        """
        return conditions.active(self.parameters, self.order, params)

    def check(self, params: Mapping[str, object], where: Where = "") -> dict[str, Any]:
        """A complete configuration, with fixed values filled in, in order.

        Args:
            params: values by parameter name.
            where: what to call the configuration in messages, or a function from a parameter's
                name to its place.

        Raises:
            SpaceError: unknown names, missing active parameters, inactive ones given, and values
                out of range; all at once.
        """
        return self._checked(params, where, partial=False)

    def check_partial(self, params: Mapping[str, object], where: Where = "") -> dict[str, Any]:
        """Like `check`, but values may be missing.

        A value of an inactive parameter is refused only where the rest makes that certain.
        """
        return self._checked(params, where, partial=True)

    def _checked(self, params: object, where: Where, partial: bool) -> dict[str, Any]:
        accepted, wrong = check_configuration(self.parameters, self.order, params, partial=partial)
        names = [str(mistake.path[0]) if mistake.path else "" for mistake in wrong]
        places = [where or "configuration" if isinstance(where, str) else where(n) for n in names]
        if wrong:
            raise SpaceError([m.problem(place) for m, place in zip(wrong, places, strict=True)])
        return accepted

    def replace(self, **changes: Any) -> Space:
        """A space with some fields changed; the others are not read again.

        Args:
            changes: new values by the names that the constructor has, such as
                `data=DataSpec("digits")`.

        Raises:
            SpaceError: with every mistake.
        """
        return self._made({**self._said(), **changes}, self.lines)

    def with_overrides(self, settings: Mapping[str, Any], where: str = "--set") -> Space:
        """A space with settings changed, such as `{"learning_rate.high": 0.1, "batch_size": 32}`.

        Strings are read as in a file. What the settings make impossible leaves the space: with
        `optimizer=adam`, a momentum that needs `optimizer: sgd`, and configurations to start from
        that have another optimizer.

        Args:
            settings: values by setting: `parameter.low` (or high, step, log, when, choices), a bare
                name to fix a parameter or to give it another range, and `budget.epochs`,
                `objective.metric`, `data.source`, `model` ... The initials of a name will do.
            where: what to call the settings in messages.

        Raises:
            SpaceError: with every mistake; `where` and the setting's name are its place.
        """
        overrides = Overrides(self, settings, where)
        said = {**self._said(), **overrides.changes()}
        lines = replace(self.lines, settings={**self.lines.settings, **overrides.places})
        return self._made(said, lines, overrides.mistakes)

    def locate(self, *path: str | int) -> str:
        """`file:line` of an entry such as `("parameters", "momentum", "when")`.

        Without a file it is the dotted path; an unknown entry has the line of what is around it.
        """
        return self.lines.locate(*path)

    def to_dict(self) -> dict[str, Any]:
        """The space in the YAML form, as plain data."""
        return serialize.to_dict(self)

    def _said(self) -> dict[str, Any]:
        return {key: getattr(self, name) for key, name in KEYS.items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Space):
            return NotImplemented
        return self._said() == other._said()

    def __hash__(self) -> int:
        return hash((self.name, self.objectives, tuple(sorted(self.parameters))))

    def __repr__(self) -> str:
        return f"Space({self.parameters!r}, {list(self.objectives)!r}, name={self.name!r})"

    __str__ = __repr__


def _mistakes(error: ValidationError) -> list[Mistake]:
    return mistakes_of(error, "a space", places_of(SpaceSchema.model_fields))
