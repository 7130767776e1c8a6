"""Parameters made in Python: what they contain and what they refuse."""

import math
import pickle

import numpy as np
import pytest

from autotrain.errors import SpaceError
from autotrain.space import Choice, Fixed, Float, Int


@pytest.mark.parametrize(
    ("parameter", "inside", "outside"),
    [
        (Int(2, 4), [2, 3, 4, np.int64(3)], [1, 5, 2.0, True, "3", None, math.nan, [2]]),
        (Int(2, 8, step=3), [2, 5, 8], [3, 4, 6]),
        (Int(3, 3), [3], [2, 4]),
        (Float(0, 1), [0, 1, 0.5, np.float32(0.5)], [-0.1, 1.1, True, "0.5", math.nan, math.inf]),
        (Float(0.1, 0.7, step=0.2), [0.1, 0.3, 0.1 + 0.2, 0.7, 0.5], [0.2, 0.31, 0.9, -0.1]),
        (Float(1e-4, 1e-1, log=True), [1e-4, 1e-1], [0, 10**400, None, {}]),
        (Choice(["a", 1, None]), ["a", 1, 1.0, None, np.int32(1)], [True, "1", "b", [], {}]),
        (Choice([True, False]), [True, False], [1, 0, "true"]),
        (Fixed("x"), ["x"], ["y", None]),
        (Fixed(1), [1, 1.0], [True, "1"]),
        (Fixed(None), [None], [0, ""]),
    ],
)
def test_contains(parameter, inside, outside):
    assert [value for value in inside if not parameter.contains(value)] == []
    assert [value for value in outside if parameter.contains(value)] == []


def test_kind_names_the_yaml_key():
    kinds = [p.kind for p in (Int(1, 2), Float(1, 2), Choice([1]), Fixed(1))]
    assert kinds == ["int", "float", "choice", "fixed"]


def test_values_are_kept_as_plain_python():
    assert type(Float(0, 1).low) is float
    assert type(Int(np.int64(1), np.int64(2)).low) is int
    assert [type(v) for v in Choice([np.int64(1), np.str_("a")]).values] == [int, str]
    assert type(Int(1, 3).canonical(np.int64(2))) is int
    assert type(Choice([16, 32]).canonical(16.0)) is int


@pytest.mark.parametrize(
    ("make", "phrase"),
    [
        (lambda: Int(4, 2), "low must not be above high, got [4, 2] (swap them: [2, 4])"),
        (lambda: Int(1, 2.0), "high must be a whole number, got 2.0 (write 2)"),
        (lambda: Int(1.5, 2), "low must be a whole number, got 1.5"),
        (lambda: Int(True, 2), "low must be a whole number, got true"),
        (lambda: Int("1", 2), "low must be a whole number, got '1'"),
        (lambda: Int(None, 2), "low must be a whole number, got null"),
        (lambda: Int(0, 10, log=True), "low must be at least 1 where log is true, got 0"),
        (lambda: Int(1, 10, log=True, step=2), "step must be 1 where log is true"),
        (lambda: Int(1, 10, step=0), "step must be at least 1, got 0"),
        (lambda: Int(1, 10, step=-1), "step must be at least 1, got -1"),
        (lambda: Int(1, 10, step=20), "step must not be larger than high - low, got 20"),
        (lambda: Int(1, 10, log="yes"), "log must be true or false, got 'yes'"),
        (lambda: Int(1, 10, log=1), "log must be true or false, got 1"),
        (lambda: Int(1, 2**60), "must lie within"),
        (lambda: Int(1, 10**5000), "must lie within"),
        (lambda: Float(1, 0), "low must not be above high, got [1, 0]"),
        (lambda: Float(0, 1, log=True), "low must be above zero where log is true, got 0"),
        (lambda: Float(-1, 1, log=True), "low must be above zero"),
        (lambda: Float(0, math.inf), "high must be a finite number, got .inf"),
        (lambda: Float(math.nan, 1), "low must be a finite number, got .nan"),
        (lambda: Float(0, 10**400), "high must be a finite number"),
        (lambda: Float(False, 1), "low must be a number, got false"),
        (lambda: Float("1e-3", 1), "low must be a number, got '1e-3' (write 1e-3 without quotes"),
        (lambda: Float(0, 1, step=0), "step must be above zero, got 0"),
        (lambda: Float(0, 1, step=-0.1), "step must be above zero, got -0.1"),
        (lambda: Float(0, 1, step=math.nan), "step must be a finite number"),
        (lambda: Float(0, 1, step=2), "step must not be larger than high - low"),
        (lambda: Float(0.1, 1, step=0.1, log=True), "step must not be given where log is true"),
        (lambda: Choice([]), "at least one choice"),
        (lambda: Choice("sgd"), "the choices must be a list, got 'sgd'"),
        (lambda: Choice({"a": 1}), "the choices must be a list"),
        (lambda: Choice(3), "the choices must be a list, got 3"),
        (lambda: Choice(["a", "b", "a"]), "choices must differ from one another, got 'a'"),
        (lambda: Choice([1, True]), "must differ from one another, got true (it equals 1)"),
        (lambda: Choice([1, 1.0]), "must differ from one another, got 1.0 (it equals 1)"),
        (lambda: Choice([0, False]), "must differ from one another"),
        (lambda: Choice([[1], [2]]), "a choice must be a string, a number"),
        (lambda: Choice([{}]), "a choice must be a string, a number"),
        (lambda: Choice([1.0, math.nan]), "a choice must be finite"),
        (lambda: Choice(["\ud800"]), "valid Unicode"),
        (lambda: Fixed([1]), "a fixed value must be a string"),
        (lambda: Fixed(math.inf), "a fixed value must be finite"),
        (lambda: Fixed(object), "a fixed value must be a string"),
        (lambda: Int(1, 2, when="opt"), "when must name other parameters"),
        (lambda: Int(1, 2, when={}), "at least one condition"),
        (lambda: Int(1, 2, when={"a": []}), "must name at least one value"),
        (lambda: Int(1, 2, when={"a": {"b": 1}}), "a condition's value must be"),
        (lambda: Int(1, 2, when={"a": [[1]]}), "a condition's value must be"),
        (lambda: Int(1, 2, when={"a": math.nan}), "a condition's value must be finite"),
    ],
)
def test_mistake_is_refused_in_words(make, phrase):
    with pytest.raises(SpaceError) as caught:
        make()
    assert phrase in str(caught.value)


def test_mistakes_are_listed_together_and_name_the_call():
    with pytest.raises(SpaceError) as caught:
        Float("a", math.inf, log=3, step="b")
    assert len(caught.value.problems) == 4
    assert {p.where for p in caught.value.problems} == {"Float(low, high)"}


def test_step_larger_than_an_empty_range_is_fine():
    assert Int(3, 3, step=5).contains(3)


def test_equality_is_by_content_and_type():
    assert Float(0, 1) == Float(0.0, 1.0)
    assert Choice([1]) != Choice([True])
    assert Choice([1]) != Choice([1.0])
    assert Fixed(1) != Fixed(1.0)
    assert Int(1, 2) != Float(1, 2)
    assert Int(1, 2) != "Int(1, 2)"
    assert Choice(["a", "b"]) != Choice(["b", "a"])
    assert Int(1, 2, when={"a": 1}) == Int(1, 2, when={"a": [1]})
    assert Int(1, 2, when={"a": 1, "b": 2}) == Int(1, 2, when={"b": 2, "a": 1})
    assert len({Int(1, 2), Int(1, 2), Int(1, 3)}) == 2


@pytest.mark.parametrize(
    "parameter",
    [
        Int(1, 9, step=2),
        Int(1, 9, log=True),
        Float(0, 1, step=0.25, when={"a": "x", "b": [1, 2]}),
        Choice(["a", None, 1.5], when={"c": True}),
        Fixed("it's"),
        Fixed(None, when={"a": None}),
    ],
)
def test_repr_and_pickle_give_the_parameter_back(parameter):
    assert eval(repr(parameter)) == parameter
    assert pickle.loads(pickle.dumps(parameter)) == parameter


def test_error_survives_pickling():
    with pytest.raises(SpaceError) as caught:
        Int(4, 2)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_parameters_are_immutable():
    with pytest.raises(AttributeError):
        Int(1, 2).low = 0


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [
        (0.8, 0.9, 0.1),
        (0.7, 0.8, 0.1),
        (0.1, 0.7, 0.6),
        (1.1, 2.2, 1.1),
        (100.1, 100.2, 0.1),
        (0.1, 0.4, 0.3),
    ],
)
def test_a_step_may_go_in_exactly_once(low, high, step):
    parameter = Float(low, high, step=step)
    assert parameter.contains(low)
    assert parameter.contains(high)
    assert not parameter.contains((low + high) / 2)
    with pytest.raises(SpaceError, match="step must not be larger"):
        Float(low, high, step=step * 1.01)
