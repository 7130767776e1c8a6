"""Files: what is no text and no array of the model is said."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.serving.input_file import InputError, read_arrays


@pytest.mark.parametrize(
    ("array", "match"),
    [(np.zeros((3, 5)), r"has the shape \(2,\), got \(5,\)"), (np.array([{}]), "no array")],
)
def test_arrays_of_another_kind_are_refused(tmp_path, array, match):
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=match):
        list(read_arrays({"shape": [2]}, tmp_path / "x.npy"))
