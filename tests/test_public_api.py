"""What `import autotrain` offers: the same to a program, to an editor and to the documents."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields
from pathlib import Path

import pytest

import autotrain
from autotrain.api.options import SearchOptions
from autotrain.cli import cli

ROOT = Path(__file__).parents[1]
TREE = ast.parse(Path(autotrain.__file__).read_text("utf-8"))


def test_editors_see_what_there_is():
    (block,) = (node for node in TREE.body if isinstance(node, ast.If))
    seen = {alias.name: node.module for node in block.body for alias in node.names}
    assert seen == autotrain._MODULE_OF


@pytest.mark.parametrize("name", autotrain.__all__)
def test_every_name_is_there_and_says_what_it_is(name):
    found = getattr(autotrain, name)
    assert found.__name__ == name
    assert inspect.getdoc(found)


def test_a_search_spells_its_options_out():
    given = inspect.signature(autotrain.search).parameters
    for option in fields(SearchOptions):
        assert given[option.name].default == option.default
        assert given[option.name].annotation.replace(" ", "") == str(option.type).replace(" ", "")
    assert not any(p.kind is p.VAR_KEYWORD for p in given.values())
    about = inspect.getdoc(autotrain.search)
    for name in given:
        assert f"    {name}: " in about, name


def test_the_command_has_the_options_of_the_function():
    command = cli.get_command(None, "search")
    names = {parameter.name for parameter in command.params}
    python = set(inspect.signature(autotrain.search).parameters)
    assert names - python == {"settings", "as_json"}  # `overrides` and `display` there
    # A teacher is the argument of another command.
    assert python - names == {
        "objective",
        "overrides",
        "callbacks",
        "display",
        "teacher",
        "ensemble",
    }


def test_every_command_has_an_equal_that_is_documented():
    text = (ROOT / "docs" / "python.md").read_text("utf-8")
    for command in cli.list_commands(None):
        assert f"| `autotrain {command}" in text, command
