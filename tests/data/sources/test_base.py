"""The contract of a data source: what is shared by all."""

from __future__ import annotations

import pytest

from autotrain.data import SOURCES, path_of


@pytest.mark.parametrize("text", ["no such file", "a\0b", "~no_such_user_here/x", "x" * 5000])
def test_path_of_what_is_not_there_is_none(spec, text):
    assert path_of(spec(text)) is None
    assert not any(SOURCES.get(name).matches(spec(text)) for name in SOURCES.names())
