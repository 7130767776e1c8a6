"""Conditions: order, activity, cycles, and conditions that can never hold."""

import pytest

from autotrain.errors import SpaceError
from autotrain.space import Choice, Fixed, Float, Int, Space


def make(**parameters):
    return Space(parameters, "val_loss")


def test_order_is_as_written_where_no_condition_says_otherwise():
    space = make(c=1, a=2, b=3)
    assert space.order == ("c", "a", "b")


def test_order_puts_subjects_first():
    space = make(
        a=Int(1, 2, when={"c": 1}), b=Int(1, 2), c=Int(1, 2, when={"d": 1}), d=Int(1, 2), e=1
    )
    assert space.order == ("b", "d", "c", "a", "e")


@pytest.fixture
def nested():
    return make(
        momentum=Float(0, 1, when={"optimizer": "sgd"}),
        optimizer=Choice(["sgd", "adam"], when={"train": True}),
        train=Choice([True, False]),
        deep=Int(1, 2, when={"momentum_kind": ["a", "b"], "size": 2}),
        momentum_kind=Choice(["a", "b", "c"], when={"optimizer": "sgd"}),
        size=Int(1, 3),
        note=Fixed("x", when={"optimizer": "adam"}),
    )


def test_active_of_nested_conditions(nested):
    params = {"optimizer": "sgd", "momentum": 0.5, "momentum_kind": "a", "size": 2, "deep": 1}
    assert nested.active({"train": True, **params}) == {"train": True, **params}
    assert nested.active({"train": False, **params}) == {"train": False, "size": 2}
    assert nested.active({"train": True, "optimizer": "adam", "momentum": 0.5}) == {
        "train": True,
        "optimizer": "adam",
        "note": "x",
    }
    assert list(nested.active({"train": True, **params}))[:2] == ["train", "optimizer"]


def test_active_of_a_partial_assignment_leaves_undecided_out(nested):
    assert nested.active({}) == {}
    assert nested.active({"optimizer": "sgd"}) == {}


def test_is_active_ignores_values_of_inactive_subjects(nested):
    assert nested.is_active("momentum", {"train": True, "optimizer": "sgd"})
    assert not nested.is_active("momentum", {"train": False, "optimizer": "sgd"})
    assert not nested.is_active("momentum", {"optimizer": "sgd"})
    assert nested.is_active("train", {})
    with pytest.raises(SpaceError, match="did you mean 'momentum'"):
        nested.is_active("momentun", {})


def test_is_active_tells_true_from_one():
    space = make(n=Choice([0, 1]), x=Int(1, 2, when={"n": 1}))
    assert space.is_active("x", {"n": 1})
    assert not space.is_active("x", {"n": True})


def test_condition_on_a_grid_of_floats_allows_for_rounding():
    space = make(r=Float(0.1, 0.5, step=0.1), x=Int(1, 2, when={"r": 0.3}))
    assert space.is_active("x", {"r": 0.1 + 0.2})
    assert not space.is_active("x", {"r": 0.2})


def test_condition_on_a_fixed_parameter_needs_no_value():
    space = make(opt="sgd", x=Int(1, 2, when={"opt": "sgd"}))
    assert space.is_active("x", {})


@pytest.mark.parametrize(
    ("parameters", "phrase"),
    [
        ({"a": Int(1, 2, when={"a": 1})}, "a: conditions must not form a cycle: a -> a"),
        (
            {"a": Int(1, 2, when={"b": 1}), "b": Int(1, 2, when={"a": 1})},
            "a: conditions must not form a cycle: a -> b -> a",
        ),
        (
            {
                "z": Int(1, 2, when={"b": 1}),
                "b": Int(1, 2, when={"c": 1}),
                "c": Int(1, 2, when={"d": 1}),
                "d": Int(1, 2, when={"b": 1}),
            },
            "b: conditions must not form a cycle: b -> c -> d -> b",
        ),
        (
            {"r": Float(0, 1), "x": Int(1, 2, when={"r": 0.5})},
            "needs a parameter with separate values, got 'r'",
        ),
        ({"o": "sgd", "x": Int(1, 2, when={"o": "adam"})}, "o is sgd, its fixed value, got 'adam'"),
        (
            {
                "o": Choice(["s", "a"]),
                "m": Choice([1, 2], when={"o": "s"}),
                "x": Int(1, 2, when={"m": 1, "o": "a"}),
            },
            "x can never be active: no value of o meets all its conditions",
        ),
    ],
)
def test_impossible_condition_is_refused_once(parameters, phrase):
    with pytest.raises(SpaceError) as caught:
        make(**parameters)
    assert len(caught.value.problems) == 1
    assert phrase in str(caught.value)


def test_two_cycles_are_two_mistakes():
    with pytest.raises(SpaceError) as caught:
        make(
            a=Int(1, 2, when={"b": 1}),
            b=Int(1, 2, when={"a": 1}),
            c=Int(1, 2, when={"d": 1}),
            d=Int(1, 2, when={"c": 1}),
        )
    assert len(caught.value.problems) == 2


def test_long_chain_and_wide_lattice_are_quick():
    chain = {"p0": Int(1, 2)}
    chain |= {f"p{i}": Int(1, 2, when={f"p{i - 1}": 1}) for i in range(1, 1000)}
    space = make(**dict(reversed(chain.items())))
    assert space.order[0] == "p0"
    assert len(space.active(dict.fromkeys(chain, 1))) == 1000
    lattice = {"a0": Int(1, 2), "b0": Int(1, 2)}
    for i in range(1, 100):
        lattice |= {f"{x}{i}": Int(1, 2, when={f"a{i - 1}": 1, f"b{i - 1}": 1}) for x in "ab"}
    assert make(**lattice).is_active("a99", dict.fromkeys(lattice, 1))
