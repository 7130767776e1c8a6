"""Registries: built-in names, names of installed packages, and what is said of neither."""

from importlib.metadata import EntryPoint

import pytest

from autotrain.errors import ConfigurationError, MissingExtraError
from autotrain.registry import Extra, Registry


@pytest.fixture
def registry(monkeypatch):
    """With two plug-ins, of which one takes a built-in name and one cannot be loaded."""
    points = [
        EntryPoint("good", "collections:OrderedDict", "autotrain.things"),
        EntryPoint("plain", "collections:Counter", "autotrain.things"),
        EntryPoint("broken", "no_such_module:Thing", "autotrain.things"),
    ]
    monkeypatch.setattr("autotrain.registry.entry_points", lambda group: points)
    built_in = {"plain": 7, "lazy": "math:pi", "rich": 8}
    return Registry("thing", "autotrain.things", built_in, {"rich": Extra("more", ("no_such",))})


def test_names_are_the_built_in_ones_and_those_of_packages(registry):
    assert registry.names() == ("plain", "lazy", "rich", "broken", "good")
    assert "good" in registry
    assert "bad" not in registry


def test_get_gives_objects_imports_and_plugins(registry):
    import collections
    import math

    assert registry.get("plain") == 7
    assert registry.get("lazy") == math.pi
    assert registry.get("good") is collections.OrderedDict


def test_unknown_name_is_answered_with_all_names_and_the_nearest(registry):
    with pytest.raises(ConfigurationError) as caught:
        registry.get("lasy", "--thing")
    assert str(caught.value) == (
        "--thing must be one of plain, lazy, rich, broken, good, got 'lasy' (did you mean 'lazy'?)"
    )
    with pytest.raises(ConfigurationError, match=r"thing must be one of .*, got 3"):
        registry.check(3)


def test_plugin_that_cannot_be_loaded_says_whose_it_is_and_why(registry):
    registry.check("broken")
    with pytest.raises(
        ConfigurationError, match=r"thing 'broken' .* ModuleNotFoundError: .*no_such"
    ):
        registry.get("broken")


def test_available_leaves_out_what_cannot_be_used(registry):
    import collections
    import math

    with pytest.warns(RuntimeWarning, match="left out: the thing 'broken'"):
        found = registry.available()
    assert found == {"plain": 7, "lazy": math.pi, "good": collections.OrderedDict}


def test_missing_packages_name_the_extra(registry):
    with pytest.raises(MissingExtraError, match=r"autotrain\[more\]"):
        registry.check("rich")


def test_a_thing_has_a_name_within_a_test_of_it(registry):
    with registry.adding("mine", 9), registry.adding("plain", 1):
        assert registry.names() == ("plain", "lazy", "rich", "broken", "good", "mine")
        assert (registry.get("mine"), registry.get("plain")) == (9, 1)
        assert registry.origin("mine") == ""
    assert "mine" not in registry
    assert registry.get("plain") == 7
