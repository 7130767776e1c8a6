"""Pydantic's findings in our words."""

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from autotrain.errors import Problem, SpaceError
from autotrain.space import Choice, DataSpec, Fixed, Float, Int, Objective, Space
from autotrain.space.mistakes import NOTHING, Mistake, mistakes_of, places_of, refuse


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", loc_by_alias=False)

    size: int = Field(default=1, strict=True, ge=2, le=9)
    text: str = Field(default="", strict=True, pattern="^a")
    under: bool = Field(default=True, strict=True, validation_alias="over")


def found(values):
    with pytest.raises(ValidationError) as caught:
        Model.model_validate(values)
    return mistakes_of(caught.value, "a model", places_of(Model.model_fields))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"size": 1}, Mistake(("size",), "size must be at least 2", 1)),
        ({"size": 10}, Mistake(("size",), "size must be at most 9", 10)),
        ({"size": 3.0}, Mistake(("size",), "size must be a whole number", 3.0, "write 3")),
        ({"over": 1}, Mistake(("over",), "under must be true or false", 1)),
        ({"siz": 1}, Mistake(("siz",), "a model has no such key", "siz", "did you mean 'size'?")),
        ({"x": 1}, Mistake(("x",), "a model has no such key", "x", "known keys: size, text, over")),
        ({3: 1}, Mistake(("3",), "a model has no such key", 3, "known keys: size, text, over")),
    ],
)
def test_error_of_pydantic_becomes_rule_value_and_hint(values, expected):
    assert found(values) == [expected]


def test_error_without_words_of_ours_keeps_pydantics():
    (mistake,) = found({"text": "b"})
    assert mistake.rule.startswith("text must be right: String should match pattern")
    assert mistake.value == "b"


def test_mistakes_within_a_value_are_all_raised_below_it():
    mistakes = [Mistake(("a", 0), "{name} must be x", 1), Mistake((), "it is {name}", NOTHING)]
    with pytest.raises(ValidationError) as caught:
        refuse(mistakes)
    assert mistakes_of(caught.value) == mistakes
    refuse([])


def test_problem_shows_the_value_as_yaml_and_names_what_has_no_name():
    assert Mistake((), "{name} must be x", None).problem("f:1") == Problem(
        "f:1", "a key must be x", "null"
    )
    assert Mistake((), "x").problem("f:1") == Problem("f:1", "x")


SURROGATE = "\ud800"  # text that is no Unicode, and that pydantic cannot hand on


@pytest.mark.parametrize(
    "make",
    [
        lambda: Choice([SURROGATE]),
        lambda: Fixed(SURROGATE),
        lambda: Int(SURROGATE, 2),
        lambda: Objective(SURROGATE),
        lambda: DataSpec(source=SURROGATE),
        lambda: DataSpec(target=["a", SURROGATE]),
        lambda: DataSpec(**{SURROGATE: 1}),
        lambda: Space({SURROGATE: 1}, "loss"),
        lambda: Space({"x": 1}, SURROGATE),
        lambda: Space({"x": 1}, "loss", name=SURROGATE),
        lambda: Space({"x": 1}, "loss", description=SURROGATE),
        lambda: Space({"x": {SURROGATE: 1}}, "loss"),
        lambda: Space({"x": Int(1, 2, when={SURROGATE: 1})}, "loss"),
        lambda: Space({"x": 1}, "loss", start_from=[{SURROGATE: 1}]),
        lambda: Space.from_dict({SURROGATE: 1, "objective": "loss", "parameters": {"x": 1}}),
    ],
)
def test_text_that_is_no_unicode_is_a_mistake_like_others(make):
    with pytest.raises(SpaceError):
        make()


@pytest.mark.parametrize("name", ["{name}", "{value}", "{0}"])
def test_braces_of_users_are_left_as_they_are(name):
    with pytest.raises(SpaceError) as caught:
        Space({name: {"int": [2, 1]}}, "loss", budget={"timeout": name}, name=f"{name}\n")
    texts = [str(problem) for problem in caught.value.problems]
    assert sum(name in text for text in texts) == len(texts) == 4
    assert any(f"{name}: low must not be above high" in text for text in texts)


def test_every_part_of_a_space_can_be_read_from_a_file_and_made_in_python():
    assert TypeAdapter(Float).validate_python({"float": [0, 1]}, by_alias=True, by_name=False) == (
        Float(0, 1)
    )
    with pytest.raises(SpaceError, match="no such key, got 'float'"):
        Float(0, 1, float=3)
    with pytest.raises(SpaceError, match="no such key, got 'low' "):
        Space({"x": {"float": [0, 1], "low": 2}}, "loss")
