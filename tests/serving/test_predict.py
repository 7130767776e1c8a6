"""An exported model: what it reads, and how cells become what it was trained on."""

from __future__ import annotations

import pytest

from autotrain.serving.input_file import InputError
from autotrain.serving.predict import read

ROWS = {
    "modality": "tabular", "shape": [2], "dtype": "float32", "tokens": "", "vocabulary": [], "strings": True,
    "columns": [{"name": "size", "kind": "number", "levels": []},
                {"name": "colour", "kind": "category", "levels": ["red", "blue"]}],
}  # fmt: skip


def test_what_cannot_be_is_said(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read(ROWS, tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder"):
        read(ROWS, tmp_path)
