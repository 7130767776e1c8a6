"""Texts: lines of a file, or a column of a table."""

from __future__ import annotations

from autotrain.serving.text_reader import read

TEXTS = {"modality": "text", "shape": [4], "dtype": "int32", "columns": [], "tokens": "whitespace",
         "vocabulary": ["a"], "strings": True}  # fmt: skip


def all_of(inputs, path):
    names, problems, batches = [], [], []
    for some, batch, wrong in read(inputs, path):
        names += some
        problems += wrong
        batches.append(batch)
    return names, batches, problems


def test_texts_are_lines_or_a_column(tmp_path):
    (tmp_path / "t.txt").write_text("one two\n\nthree\n", "utf-8")
    assert all_of(TEXTS, tmp_path / "t.txt")[1] == [["one two", "three"]]
    named = {**TEXTS, "columns": [{"name": "review", "kind": "text", "levels": []}]}
    (tmp_path / "t.csv").write_text('id,review\n1,"a, b"\n2,""\n')
    assert all_of(named, tmp_path / "t.csv")[1] == [["a, b", ""]]
