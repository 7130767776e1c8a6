"""What holds for every export format, built in or not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autotrain.errors import ConfigurationError, MissingExtraError
from autotrain.export.formats import FORMATS, checked_format
from autotrain.registry import Extra


@pytest.mark.parametrize("name", FORMATS.names())
def test_a_format_brings_what_runs_it(name):
    form = FORMATS.get(name)
    assert form.name == name
    assert form.file == form.runtime.FILE
    assert isinstance(form.runtime.READS_STRINGS, bool)
    assert callable(form.runtime.load)
    assert form.needs
    # It is copied into models, which have nothing of autotrain.
    tree = ast.parse(Path(form.runtime.__file__).read_text("utf-8"))
    names = [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert not [name for name in names if name.startswith("autotrain")]


def test_files_of_formats_differ():
    files = [FORMATS.get(name).file for name in FORMATS.names()]
    assert len(set(files)) == len(files)


def test_an_unknown_format_gets_the_nearest():
    with pytest.raises(ConfigurationError, match=r"--format must be one of keras, .* 'onnx'"):
        checked_format("onxn", None)


def test_a_quantization_that_a_format_has_not_is_refused():
    with pytest.raises(ConfigurationError, match="--quantize int8: saved_model has none"):
        checked_format("saved_model", "int8")
    with pytest.raises(ConfigurationError, match="--quantize int4: litert has int8, float16"):
        checked_format("litert", "int4")
    assert checked_format("litert", "float16").name == "litert"


def test_a_missing_package_names_the_extra(monkeypatch):
    form = FORMATS.get("onnx")
    monkeypatch.setattr(form, "extra", Extra("onnx", ("no_such_package",)))
    with pytest.raises(MissingExtraError, match=r"--format onnx needs .*autotrain\[onnx\]"):
        checked_format("onnx", None)
    assert FORMATS.get("onnx") is form  # models of it can be used all the same
