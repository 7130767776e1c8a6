"""Tables with types: Parquet and its like, parts, and data in Python, read as their text would be."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from autotrain.api.given_data import as_source
from autotrain.data import load_source
from autotrain.errors import ConfigurationError, DataError
from autotrain.space import DataSpec


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(50, 9, 60).round(3),
            "rooms": pd.array([*rng.integers(1, 6, 58), None, None], "Int64"),
            "colour": pd.Categorical(rng.choice(["red", "blue"], 60)),
            "sold": rng.choice([True, False], 60),
            "when": pd.date_range("2021-03-01", periods=60, freq="31h"),
            "price": [f"{v:,}" for v in rng.integers(1000, 90000, 60)],
            "label": rng.choice(["no", "yes"], 60),
        }
    )
    frame.loc[3, "size"] = None
    return frame


WRITERS = {
    "t.csv": lambda f, path: f.to_csv(path, index=False),
    "t.parquet": lambda f, path: f.to_parquet(path),
    "t.feather": lambda f, path: f.to_feather(path),
    "t.xlsx": lambda f, path: f.to_excel(path, index=False),
    "t.jsonl": lambda f, path: f.to_json(path, orient="records", lines=True, date_format="iso"),
    "t.jsonl.gz": lambda f, path: f.to_json(path, orient="records", lines=True, date_format="iso"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_table_is_the_same_in_every_form(frame, tmp_path, name):
    frame.to_csv(tmp_path / "base.csv", index=False)
    base = load_source(DataSpec(source=str(tmp_path / "base.csv")))
    WRITERS[name](frame, tmp_path / name)
    found = load_source(DataSpec(source=str(tmp_path / name)))
    np.testing.assert_array_equal(found.x["train"], base.x["train"])
    assert found.y["train"].tolist() == base.y["train"].tolist()
    assert [(c.name, c.kind, c.levels) for c in found.columns] == [
        (c.name, c.kind, c.levels) for c in base.columns
    ]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_parts_are_one_table(frame, tmp_path, suffix):
    for i in range(3):
        part = frame.iloc[i * 20 : (i + 1) * 20]
        WRITERS[f"t.{suffix}"](part, tmp_path / f"part-{i}.{suffix}")
    WRITERS[f"t.{suffix}"](frame, tmp_path / f"whole.{suffix}")
    whole = load_source(DataSpec(source=str(tmp_path / f"whole.{suffix}")))
    found = load_source(DataSpec(source=str(tmp_path / f"part-*.{suffix}")))
    np.testing.assert_array_equal(found.x["train"], whole.x["train"])
    assert "3 files are one table" in found.notes
    WRITERS[f"t.{suffix}"](frame.drop(columns="size"), tmp_path / f"part-3.{suffix}")
    with pytest.raises(DataError):
        load_source(DataSpec(source=str(tmp_path / f"part-*.{suffix}")))


@pytest.mark.parametrize(
    "given",
    [
        lambda f: f,
        lambda f: pl.from_pandas(f),
        lambda f: pa.Table.from_pandas(f, preserve_index=False),
        lambda f: {name: f[name].tolist() for name in f.columns},
        lambda f: (f.drop(columns="label"), f["label"]),
        lambda f: f.astype(object),
    ],
    ids=["pandas", "polars", "arrow", "columns", "pair", "objects"],
)
def test_data_in_python_is_kept_and_read(frame, tmp_path, given):
    frame.to_csv(tmp_path / "base.csv", index=False)
    base = load_source(DataSpec(source=str(tmp_path / "base.csv")))
    source, target = as_source(given(frame), tmp_path / "runs")
    assert as_source(given(frame), tmp_path / "runs") == (source, target)
    found = load_source(DataSpec(source=source, target=target))
    np.testing.assert_array_equal(found.x["train"], base.x["train"])
    assert found.class_names == base.class_names


def test_arrays_in_python_are_kept_and_read(tmp_path):
    x, y = np.arange(60.0).reshape(20, 3), np.arange(20) % 2
    for given in ((x, y), {"x_train": x, "y_train": y}):
        source, _ = as_source(given, tmp_path)
        assert as_source(given, tmp_path)[0] == source
        np.testing.assert_array_equal(load_source(DataSpec(source=source)).x["train"], x)


def test_columns_of_several_types_are_read_as_their_text(tmp_path):
    mixed = pd.DataFrame({"v": [1, 2.5, "none", None] * 15, "label": list("ab") * 30})
    dataset = load_source(DataSpec(source=as_source(mixed, tmp_path)[0]))
    np.testing.assert_array_equal(dataset.x["train"][:4, 0], [1, 2.5, np.nan, np.nan])


def test_what_is_no_data_is_refused(tmp_path):
    with pytest.raises(
        ConfigurationError, match=r"data must be a name, a path, a frame .* got int"
    ):
        as_source(7, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.jsonl", b'{"a": 1}\n{"a": \n', "line 2: this is no JSON"),
        ("t.jsonl", b"[1, 2]\n", "line 1: a line must be an object"),
        ("t.parquet", b"PAR1 nonsense", "cannot be read"),
        ("t.feather", b"nonsense", "cannot be read"),
        ("t.xlsx", b"nonsense", "cannot be read"),
        ("t.jsonl", b"", "a table needs rows"),
    ],
)
def test_damaged_files_are_refused_in_one_message(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        load_source(DataSpec(source=str(tmp_path / name)))
    assert "\n" not in str(caught.value)


def test_large_whole_numbers_stay_apart_as_classes(tmp_path):
    ids = [9007199254740992, 9007199254740993]
    lines = [json.dumps({"v": i / 4, "label": ids[i % 2]}) for i in range(40)]
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    pd.DataFrame({"v": np.arange(40) / 4, "label": ids * 20}).to_parquet(tmp_path / "t.parquet")
    for name in ("t.jsonl", "t.parquet"):
        found = load_source(DataSpec(source=str(tmp_path / name)))
        assert found.class_names == ("9007199254740992", "9007199254740993")
