"""Texts: lines of a file, or a column of a table."""

from __future__ import annotations

import pytest

from autotrain.serving.input_file import InputError
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


def test_texts_of_lines_are_called_by_their_line(tmp_path):
    (tmp_path / "t.txt").write_bytes(b"this ship is great\r\n\n box awful late \n   \nwarm great")
    names, batches, _ = all_of(TEXTS, tmp_path / "t.txt")
    assert names == ["1", "3", "5"]
    assert batches == [["this ship is great", "box awful late", "warm great"]]


def test_texts_in_latin_1_are_refused_by_their_line(tmp_path):
    (tmp_path / "t.txt").write_bytes("good\nnaïve\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"must be UTF-8, and line 2 is not \(byte 0xef\)"):
        all_of(TEXTS, tmp_path / "t.txt")


def test_open_quotes_beside_tabs_are_letters(tmp_path):
    lines = [f"{i % 2}\t{chr(34) if i % 10 == 0 else ''}text {i}" for i in range(160)]
    (tmp_path / "t.tsv").write_text("\n".join(["label\treview", *lines]))
    named = {**TEXTS, "columns": [{"name": "review", "kind": "text", "levels": []}]}
    texts = all_of(named, tmp_path / "t.tsv")[1][0]
    assert (len(texts), texts[0], texts[1]) == (160, '"text 0', "text 1")


def test_a_table_called_txt_is_known_by_its_header(tmp_path):
    named = {**TEXTS, "columns": [{"name": "review", "kind": "text", "levels": []}]}
    (tmp_path / "t.txt").write_text("label;review\n1;good, really\n0;bad\n")
    assert all_of(named, tmp_path / "t.txt")[1] == [["good, really", "bad"]]
    (tmp_path / "u.txt").write_text("hello, world\nbad, world\n")
    assert all_of(named, tmp_path / "u.txt")[1] == [["hello, world", "bad, world"]]


def test_texts_of_a_headless_table_may_come_alone(tmp_path):
    headless = {
        **TEXTS,
        "columns": [{"name": "column 2", "kind": "text", "levels": []}],
        "table": {"header": False, "width": 2, "targets": ["column 1"]},
    }
    (tmp_path / "t.tsv").write_text("ham\tgood day\nspam\twin\n")
    assert all_of(headless, tmp_path / "t.tsv")[1] == [["good day", "win"]]
    (tmp_path / "u.tsv").write_text("good day\nwin\n")
    assert all_of(headless, tmp_path / "u.tsv")[1] == [["good day", "win"]]
