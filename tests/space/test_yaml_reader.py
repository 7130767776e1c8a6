"""The YAML reader against good, mistaken and hostile text."""

import time

import pytest

from autotrain.errors import SpaceError
from autotrain.space import LineMap, parse_yaml


def problems(text):
    with pytest.raises(SpaceError) as caught:
        parse_yaml(text, "f.yaml")
    return caught.value.problems


def test_parse_yaml_gives_plain_data_and_lines():
    data, lines = parse_yaml("a: 1\nb:\n  - x\n  - {c: on}\n# end\nd:\n  e: 1e-3\n", "f.yaml")
    assert data == {"a": 1, "b": ["x", {"c": "on"}], "d": {"e": 0.001}}
    assert lines.line("a") == 1
    assert lines.line("b", 1, "c") == 4
    assert lines.locate("d", "e") == "f.yaml:7"
    assert lines.locate("d", "e", "unknown") == "f.yaml:7"
    assert lines.locate("unknown") == "f.yaml:1"


def test_parse_yaml_keys_are_strings():
    data, _ = parse_yaml("1: a\ntrue: b\non: c\nnull: d\n", "f")
    assert data == {"1": "a", "true": "b", "on": "c", "null": "d"}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "\ufeff"])
def test_parse_yaml_empty_is_none(text):
    assert parse_yaml(text, "f")[0] is None


def test_parse_yaml_byte_order_mark_is_ignored():
    assert parse_yaml("\ufeffa: 1\n", "f")[0] == {"a": 1}


def test_parse_yaml_windows_line_ends_count_once():
    assert parse_yaml("a: 1\r\nb: 2\r\n", "f")[1].line("b") == 2


def test_parse_yaml_quoted_scalars_are_strings():
    assert parse_yaml("a: '1'\nb: \"true\"\nc: |\n  1\n", "f")[0] == {
        "a": "1",
        "b": "true",
        "c": "1\n",
    }


@pytest.mark.parametrize(
    ("text", "line", "phrase"),
    [
        ("a: 1\na: 2\n", 2, "only once in a mapping, got 'a' (first on line 1)"),
        ("a: {b: 1,\n    b: 1}\n", 2, "only once"),
        ("a: &x 1\n", 1, "anchors are not allowed, got &x"),
        ("a: 1\nb: *x\n", 2, "aliases are not allowed, got *x"),
        ("a: !!python/object:os.system {}\n", 1, "tags are not allowed, got !!python/object"),
        ("a: !!int 3\n", 1, "tags are not allowed, got !!int"),
        ("a: !custom x\n", 1, "tags are not allowed, got !custom"),
        ("!!set {a}\n", 1, "tags are not allowed"),
        ("a:\n\tb: 1\n", 2, "made of spaces (replace the tab)"),
        ("a: b: c\n", 1, "this ':' must not stand here"),
        ("a: [1, 2\nb: 3\n", 2, "list opened by '[' must be closed"),
        ("a: {b: 1\nc: [\n", 2, "mapping opened by '{' must be closed"),
        ('a: "open\n', 2, "a quote is opened and never closed"),
        ("a: 1\n  b: 2\n", 2, "this ':' must not stand here"),
        ("a:\n    b: 1\n  c: 2\n", 3, "indented alike"),
        ("a: 1\nplain\n", 3, "followed by ':'"),
        ("a: 1\n---\nb: 2\n", 2, "one document"),
        ("? [a, b]\n: 1\n", 1, "a key must be a plain name"),
        ("? {a: b}\n: 1\n", 1, "a key must be a plain name"),
        ("a: 1\nb: \x00\n", 2, "control characters, got 0x00"),
        ("a: 1\n\nb: \x07\n", 3, "control characters, got 0x07"),
        ('a: "\\UFFFFFFFF"\n', 1, "Unicode character"),
        ('a: "\\ud800"\n', 1, "Unicode character"),
        ("a: " + "9" * 5000, 1, "at most 100 digits"),
        ("%YAML 9.9\n---\na: 1\n", 1, "valid YAML"),
        ("a: @b\n", 1, "valid YAML"),
        ("a: |9x\n", 1, "valid YAML"),
    ],
)
def test_parse_yaml_mistake_has_its_line(text, line, phrase):
    found = problems(text)
    assert found[0].where == f"f.yaml:{line}"
    assert phrase in str(found[0])


def test_parse_yaml_lists_several_mistakes_by_line():
    found = problems("a: &x 1\nb: !!int 2\na: 3\nc: *x\n")
    assert [p.where for p in found] == [f"f.yaml:{n}" for n in (1, 2, 3, 4)]


def test_parse_yaml_nesting_of_sixteen_is_the_most():
    assert parse_yaml("[" * 16 + "]" * 16, "f")[0]
    assert "deeper than 16" in str(problems("[" * 17 + "]" * 17)[0])


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 60_000,
        "- " * 100_000,
        "? " * 100_000,
        "a: &a [x]\n" + "".join(f"k{i}: [{'*a, ' * 9}*a]\n" for i in range(1000)),
        "&a [" * 50_000,
        "x: " + "a" * 10_000_000,
        "x: " + "é" * 200_000,
        "[{}, " * 50_000,
        "!!python/object/apply:os.system ['true']",
    ],
    ids=range(10),
)
def test_parse_yaml_hostile_text_is_refused_quickly(text):
    start = time.monotonic()
    found = problems(text)
    assert time.monotonic() - start < 20
    assert 1 <= len(found) <= 20
    assert all(len(str(problem)) < 400 for problem in found)


def test_parse_yaml_billion_laughs_stays_small():
    levels = "\n".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 10))
    found = problems("l0: &l0 lol\n" + levels)
    assert "anchors are not allowed" in str(found[0])


def test_line_map_without_a_file_gives_dotted_paths():
    assert LineMap().locate("parameters", "lr", "when") == "parameters.lr.when"
    assert LineMap("study.yaml").locate("a", 1) == "study.yaml: a.1"
    assert LineMap().locate() == "space"
