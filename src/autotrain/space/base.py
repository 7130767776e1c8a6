"""What the parts of a space share: how mistakes are told, and what all parameters can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ArgsKwargs

from autotrain.errors import SpaceError
from autotrain.space.mistakes import NOTHING, Mistake, broken, mistakes_of, places_of, refuse
from autotrain.space.scalars import Scalar, plain, scalar_rule

_WHEN = Annotated[
    dict[str, Scalar | Annotated[list[Scalar], Field(min_length=1)]] | None, Field(min_length=1)
]


class Part:
    """What parameters, objectives and the like share: mistakes are told in words, all at once.

    Made in Python they raise `SpaceError`; in a space, their mistakes are added to the others.
    """

    words: ClassVar[str]
    __pydantic_fields__: ClassVar[dict[str, FieldInfo]]

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: object) -> Any:
        return plain(value)

    @model_validator(mode="wrap")
    @classmethod
    def _told(cls, value: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return read(value)
        except ValidationError as error:
            fields = cls.__pydantic_fields__
            if isinstance(value, ArgsKwargs):
                found = mistakes_of(error, cls.words, {name: (name,) for name in fields})
                raise SpaceError([m.problem(_call(cls)) for m in found]) from None
            refuse(mistakes_of(error, cls.words, places_of(fields)))
            raise


def _call(part: type[Part]) -> str:
    """The call that makes a part, such as `Float(low, high)`."""
    names = [name for name, info in part.__pydantic_fields__.items() if not info.kw_only]
    return f"{part.__name__}({', '.join(names[:5] + ['...'] * (len(names) > 5))})"


class BaseParameter:
    """What all kinds share: conditions, equality and the text that makes them again."""

    kind: ClassVar[str]
    when: Mapping[str, Any] | None
    __pydantic_fields__: ClassVar[dict[str, FieldInfo]]

    @property
    def conditions(self) -> dict[str, tuple[Scalar, ...]]:
        """For each parameter that this one depends on, the values that make it active."""
        return dict(self.when or {})

    @property
    def range_text(self) -> str:
        """What a value must be, to follow the words "must be"."""
        return self._range()

    def canonical(self, value: object) -> Any:
        """The value as this parameter holds it (for instance a numpy integer as an int).

        Raises:
            ValueError: the parameter cannot take the value.
        """
        held = self._held(plain(value))
        if held is NOTHING:
            raise ValueError(f"must be {self.range_text}")
        return held

    def contains(self, value: object) -> bool:
        """Whether the parameter can take the value; never raises."""
        return self._held(plain(value)) is not NOTHING

    def at(self, share: float) -> Any:
        """The value at a share of the range, evenly on its scale; for samplers.

        Args:
            share: from 0 to 1, as random numbers are; both ends included.
        """
        raise NotImplementedError

    def _range(self) -> str:
        raise NotImplementedError

    def _held(self, value: object) -> Any:
        """The value as this parameter holds it, or `NOTHING`."""
        raise NotImplementedError

    def _arguments(self) -> list[str]:
        """The arguments that make it again, without `when`."""
        given = []
        for name, info in self.__pydantic_fields__.items():
            value = getattr(self, name)
            text = repr(list(value) if isinstance(value, tuple) else value)
            if not info.kw_only:
                given.append(text)
            elif name != "when" and value != info.default:
                given.append(f"{name}={text}")
        return given

    def __repr__(self) -> str:
        arguments = self._arguments()
        if self.when:
            plain = {name: v[0] if len(v) == 1 else list(v) for name, v in self.when.items()}
            arguments.append(f"when={plain!r}")
        return f"{type(self).__name__}({', '.join(arguments)})"

    def _key(self) -> str:
        # repr tells 1, 1.0 and True apart, which == does not.
        return f"{type(self).__name__}({self._arguments()}, {sorted(self.conditions.items())!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BaseParameter):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    @field_validator("when", mode="plain", json_schema_input_type=_WHEN)
    @classmethod
    def _check_when(cls, when: object) -> dict[str, tuple[Scalar, ...]] | None:
        """Conditions with all values as tuples."""
        if when is None:
            return None
        if not isinstance(when, Mapping):
            rule = "when must name other parameters with their values"
            raise broken(rule, "write it as {optimizer: sgd}")
        if not when:
            raise broken("when must hold at least one condition", "remove it")
        conditions = {str(name): _several(values) for name, values in when.items()}
        empty = "a condition must name at least one value"
        wrong = [Mistake((name,), empty, []) for name, values in conditions.items() if not values]
        for name, values in conditions.items():
            wrong += [m.below(name) for m in unfit(values, "a condition's value")]
        refuse(wrong)
        return conditions


def unfit(values: Iterable[object], what: str) -> list[Mistake]:
    """Mistakes in a list whose items must be scalars."""
    rules = [(index, scalar_rule(value, what), value) for index, value in enumerate(values)]
    return [Mistake((index,), rule, value) for index, rule, value in rules if rule]


def _several(values: Any) -> tuple[Any, ...]:
    several = isinstance(values, (list, tuple, set, frozenset))
    return tuple(plain(value) for value in (values if several else [values]))
