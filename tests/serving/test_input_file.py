"""Files: what is no text and no array of the model is said."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from autotrain.serving.input_file import InputError, read_arrays, read_lines, read_text


@pytest.mark.parametrize(
    ("array", "match"),
    [(np.zeros((3, 5)), r"has the shape \(2,\), got \(5,\)"), (np.array([{}]), "no array")],
)
def test_arrays_of_another_kind_are_refused(tmp_path, array, match):
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=match):
        list(read_arrays({"shape": [2]}, tmp_path / "x.npy"))


def test_text_is_utf_8_with_or_without_a_mark(tmp_path):
    (tmp_path / "a.csv").write_bytes("\ufeffä,b\r\n1,2".encode())
    assert read_text(tmp_path / "a.csv") == "ä,b\r\n1,2"
    assert list(read_lines(tmp_path / "a.csv")) == ["ä,b\r\n", "1,2"]
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a\nb", mtime=0))
    assert list(read_lines(tmp_path / "a.csv.gz")) == ["a\n", "b"]


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("t.csv", b"a,b\n" * 9999 + b"\xff\n", r"line 10,000 is not \(byte 0xff\)"),
        ("t.csv", "a,b\n".encode("utf-16"), "must be UTF-8, and line 1"),
        ("t.csv", b"a\0b\n", "holds zero bytes"),
        ("t.csv.gz", b"a,b\n", r"cannot be read \("),
        ("t.csv.gz", gzip.compress(b"a,b\n" * 100, mtime=0)[:-10], r"cannot be read \("),
    ],
)
@pytest.mark.parametrize("read", [read_text, lambda path: list(read_lines(path))])
def test_other_text_is_refused_by_its_line(tmp_path, read, name, content, match):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=match):
        read(tmp_path / name)
