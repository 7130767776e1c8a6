"""Scalars: YAML 1.2's idea of numbers, durations, and text that reads back."""

import math

import pytest

from autotrain.space import parse_duration, parse_scalar
from autotrain.space.scalars import duration_text, resolve, same, scalar_yaml, shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 1e5),
        ("+.5", 0.5),
        ("1.", 1.0),
        ("-3", -3),
        ("010", 10),
        ("0o10", 8),
        ("0xff", 255),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2020-01-01", "2020-01-01"),
        ("e5", "e5"),
        ("0x", "0x"),
        ("tRUE", "tRUE"),
        (".", "."),
        ("-", "-"),
        ("\u0661", "\u0661"),  # an Arabic digit is a letter to YAML
    ],
)
def test_resolve_follows_yaml_1_2(text, value):
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_resolve_infinite_and_nan_are_floats():
    assert resolve(".inf") == math.inf
    assert resolve("-.INF") == -math.inf
    assert math.isnan(resolve(".nan"))
    assert resolve("nan") == "nan"
    assert resolve("1e999") == math.inf


def test_resolve_endless_number_is_refused():
    with pytest.raises(ValueError, match="at most 100 digits"):
        resolve("9" * 5000)


@pytest.mark.parametrize(
    ("text", "value"), [(" 3 ", 3), ("'3'", "3"), ('"true"', "true"), ("'", "'"), ("a b", "a b")]
)
def test_parse_scalar_quotes_make_strings(text, value):
    assert parse_scalar(text) == value


@pytest.mark.parametrize(
    "value",
    [
        *[None, True, False, 0, -7, 2**53, 0.0, -0.0, 1e-6, 1e300, 0.1 + 0.2, 5e-324, 1.0],
        *["sgd", "on", "Yes", "y", "null", "1e-3", "", " ", "a b", "a: b", "#x", "- a", "0x1F"],
        *['"', "'", "\\", "line\nbreak", "tab\t", "\x00", "\x7f", "ünï", "\u2028", "😀", "\ufeff"],
        *["*a", "&a", "!a", "%a", "@a", "`a", "a,b", "[a]", "{a}", "a ", ".5", "+1", "~", "<<"],
    ],
)
def test_scalar_yaml_reads_back(value):
    from autotrain.space import parse_yaml

    text = f"key: {{inner: {scalar_yaml(value)}}}"
    found = parse_yaml(text, "t")[0]["key"]["inner"]
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("90s", 90.0),
        ("30m", 1800.0),
        ("2h", 7200.0),
        ("1d", 86400.0),
        ("1h30m", 5400.0),
        ("1h 30m", 5400.0),
        ("1.5h", 5400.0),
        (".5h", 1800.0),
        ("45", 45.0),
        (45, 45.0),
        (0.5, 0.5),
    ],
)
def test_parse_duration_accepts(value, seconds):
    assert parse_duration(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *["", "h", "2x", "two hours", "-1h", "0s", 0, -5, math.inf, math.nan, True, None, [], {}],
        *["1h-", "9" * 400 + "h", 10**400, ".h", "2 h m", ".inf", "true"],
    ],
)
def test_parse_duration_refuses_with_the_rule_and_the_value(value):
    with pytest.raises(ValueError, match=r"a duration is a number .* got "):
        parse_duration(value)


@pytest.mark.parametrize("seconds", [1.0, 59.0, 60.0, 7200.0, 5400.0, 86400.0, 0.25, 61.5, 1e14])
def test_duration_text_reads_back(seconds):
    assert parse_duration(duration_text(seconds)) == seconds


def test_duration_text_uses_the_largest_whole_unit():
    assert [duration_text(s) for s in (7200.0, 5400.0, 86400.0, 90.0)] == ["2h", "90m", "1d", "90s"]


def test_same_keeps_booleans_apart_from_numbers():
    assert same(1, 1.0)
    assert same("a", "a")
    assert same(None, None)
    assert not same(1, True)
    assert not same(0, False)
    assert not same("1", 1)


@pytest.mark.parametrize(
    "value", ["x" * 1000, list(range(1000)), {"a": "b" * 500}, 10**5000], ids=range(4)
)
def test_shown_is_short(value):
    assert len(shown(value)) <= 80
