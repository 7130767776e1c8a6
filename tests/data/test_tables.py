"""Reading tables: separators, headers, missing values, features and their levels."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autotrain.data import (
    Column,
    data_folder,
    describe,
    load_source,
    open_arrays,
    open_info,
    open_test,
    prepare,
)
from autotrain.data.tables import read_table
from autotrain.errors import DataError


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def everything(cache, info):
    folder = data_folder(cache, info.fingerprint)
    arrays, (x_test, y_test) = open_arrays(folder), open_test(folder)
    return {
        "train": (np.array(arrays.x_train), np.array(arrays.y_train)),
        "validation": (np.array(arrays.x_validation), np.array(arrays.y_validation)),
        "test": (np.array(x_test), np.array(y_test)),
    }


def mixed(count=60) -> str:
    """Rows that can be told apart by the number n, with a colour and a class."""
    rows = [f"{i},{('red', 'blue', 'green')[i % 3]},{('no', 'yes')[i % 2]}" for i in range(count)]
    return "n,colour,label\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n"])
def test_table_forms_are_found_out(table, separator, end, start):
    text = f"{start}n,colour,label\n1,red,yes\n2,blue,no\n".replace(",", separator)
    read = read_table(table(text.replace("\n", end)), "t")
    assert read.names == ("n", "colour", "label")
    assert read["n"].values.tolist() == [1.0, 2.0]
    assert read["colour"].values.tolist() == ["red", "blue"]


@pytest.mark.parametrize(
    ("text", "headed"),
    [
        ("a,b\n1,x\n2,y\n", True),
        ("a,b\nx,x\ny,y\n", True),  # nothing of the first row comes again
        ("ham,hello\nspam,win\nham,bye\n", False),  # ham comes again
        ("1,x\n2,y\n", False),
        ("2019,2020\n1,2\n", False),  # years as names look like data; header: true says it
        ("a,\n1,2\n", True),  # a name above numbers, and an empty one
        (",a\n0,5\n1,6\n", True),  # the nameless index that pandas writes
        ("x,?\n1,2\n", False),
        ("?,a\n1,2\n3,4\n", True),
        ("a,b\n?,?\n", True),
    ],
)
def test_header_is_found_out(table, text, headed):
    read = read_table(table(text), "t")
    assert read.headed is headed
    assert len(read.columns[0].values) == text.count("\n") - headed


@pytest.mark.parametrize("header", [True, False])
def test_header_as_the_user_says(table, header):
    read = read_table(table("2019,2020\n1,2\n"), "t", header)
    assert read.names == (("2019", "2020") if header else ("column 1", "column 2"))
    assert len(read.columns[0].values) == 2 - header


def test_missing_values_and_spaces(table):
    text = 'a, b ,c\n1 , x ,0\n ?,?,1\nNA, NaN,1\n,, 2\n nan , " y, z" , 3\n'
    read = read_table(table(text), "t")
    assert read.names == ("a", "b", "c")
    assert np.array_equal(read["a"].values, [1, np.nan, np.nan, np.nan, np.nan], equal_nan=True)
    assert read["b"].values.tolist() == ["x", None, None, None, "y, z"]
    assert read["c"].values.tolist() == [0, 1, 1, 2, 3]


def test_underscores_make_no_numbers(table):
    read = read_table(table("season,n\n2020_21,1\n2021_22,2\n"), "t")
    assert read["season"].values.tolist() == ["2020_21", "2021_22"]


def test_quoted_cells_may_hold_separators_and_lines(table):
    read = read_table(table('id,"the\nname",v\n1,"a, ""b""\nc",5\n2,d,6\n'), "t")
    assert read.names == ("id", "the\nname", "v")
    assert read["the\nname"].values.tolist() == ['a, "b"\nc', "d"]


def test_open_quotes_in_tab_separated_text_are_letters(table):
    read = read_table(table('ham\t"hi, you\nspam\tsay "yes"\nham\tbye\n', "t.tsv"), "t")
    assert read["column 2"].values.tolist() == ['"hi, you', 'say "yes"', "bye"]
    quoted = read_table(table('a\tb\n1\t"x\ty"\n2\t"z"\n', "q.tsv"), "t")
    assert quoted["b"].values.tolist() == ["x\ty", "z"]


@pytest.mark.parametrize("name", ["t.csv", "t.TSV", "t.txt", "t.data", "t.csv.gz"])
def test_table_names(spec, table, name):
    text = mixed().encode()
    path = table(gzip.compress(text) if name.endswith(".gz") else text, name)
    source = load_source(spec(path))
    assert source.modality == "tabular"
    assert source.x["train"].shape == (60, 2)


def test_blank_lines_are_no_rows_and_short_rows_are_refused(table):
    read = read_table(table("a,b,c\n\n1,2,3\n,,\n4,5,\n\n"), "t")
    assert np.array_equal(read["c"].values, [3, np.nan], equal_nan=True)
    with pytest.raises(
        DataError, match=r"t, line 4: .* as many cells as the first, 3, and this has 2"
    ):
        read_table(table("a,b,c\n\n1,2,3\n4,5\n\n"), "t")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"a,b\n", "needs rows, and there are none below its header"),
        (b",,\n;\n", "at least two columns"),
        (b"a\n1\n2\n", "at least two columns.*only one was found"),
        ("naïve,b\n1,2\n".encode("latin-1"), "must be UTF-8, and line 1 is not .byte 0xef"),
        (b"a,b\n1,2\n3,\xff\n", "line 3 is not"),
        ("a,b\n1,2\n".encode("utf-16"), "must be UTF-8"),
        (b"a,b\n1,2\n\0\0,1\n", "zero bytes"),
        (b"a,b\n1,2\n1,2,3\n", "line 3: .* as many cells as the first, 2, and this has 3"),
        (b"a,b\n1,2,3\n1,2,3\n4,5,6\n", "line 2: .* as the first, 2, and this has 3"),
        (b"a,a,b\n1,2,3\n", "names of their own, got 'a' more than once"),
        (b'a,b\n1,"2\n3,4\n', "a quote stands open at the end, since line 2"),
    ],
)
def test_table_that_cannot_be_read_is_refused(spec, table, text, message):
    path = table(text)
    with pytest.raises(DataError, match=message) as caught:
        load_source(spec(path, header=True if text == b"a,b\n" else None))
    assert str(path) in str(caught.value)


def test_damaged_gzip_is_refused(spec, table):
    path = table(gzip.compress(mixed().encode())[:-20], "t.csv.gz")
    with pytest.raises(DataError, match=r"t\.csv\.gz: cannot be read"):
        load_source(spec(path))


def test_features_are_numbers_and_codes(spec, table, tmp_path):
    info = prepare(spec(table(mixed())), tmp_path / "cache", 0)
    assert info.modality == "tabular"
    assert info.class_names == ("no", "yes")
    assert info.columns[0] == Column("n")
    colour = info.columns[1]
    assert (colour.name, colour.kind) == ("colour", "category")
    assert sorted(colour.levels) == ["blue", "green", "red"]
    for x, y in everything(tmp_path / "cache", info).values():
        names = [colour.levels[int(code) - 1] for code in x[:, 1]]
        assert names == [("red", "blue", "green")[int(n) % 3] for n in x[:, 0]]
        assert np.array_equal(x[:, 0] % 2, y)
    folder = data_folder(tmp_path / "cache", info.fingerprint)
    assert open_info(folder) == info
    assert "60 rows of 2 features (1 number, 1 category), 2 classes" in describe(info)


def test_booleans_and_missing_cells(spec, table, tmp_path):
    rows = "".join(
        f"{v},{i if i % 4 else ''},{i % 2}\n" for i, v in enumerate(["True", "False", ""] * 20)
    )
    info = prepare(spec(table("b,v,y\n" + rows)), tmp_path, 0)
    assert sorted(info.columns[0].levels) == ["False", "True"]
    x = everything(tmp_path, info)["train"][0]
    assert set(x[:, 0]) == {0, 1, 2}
    assert np.isnan(x[:, 1]).any()


def test_levels_come_from_training_rows_only(spec, table, tmp_path):
    """A level that only a validation or test row has must not exist for the model."""
    text = "n,level,y\n" + "".join(
        f"{i},{'common' if i % 2 else 'usual'},{i % 2}\n" for i in range(50)
    )
    first = prepare(spec(table(text)), tmp_path / "a", 0)
    test_row = int(everything(tmp_path / "a", first)["test"][0][0, 0])
    lines = text.splitlines()
    lines[test_row + 1] = f"{test_row},secret,{test_row % 2}"
    info = prepare(spec(table("\n".join(lines))), tmp_path / "b", 0)
    assert "secret" not in info.columns[1].levels
    x = everything(tmp_path / "b", info)["test"][0]
    assert x[x[:, 0] == test_row, 1].tolist() == [0]
    assert (x[x[:, 0] != test_row, 1] > 0).all()
    assert info.fingerprint != first.fingerprint


def test_levels_are_in_order_of_training_frequency(spec, table, tmp_path):
    rows = [f"{'abc'[min(i % 6, 2)]},{i % 2}" for i in range(240)]
    info = prepare(spec(table("level,y\n" + "\n".join(rows))), tmp_path, 0)
    x = everything(tmp_path, info)["train"][0]
    counts = np.bincount(x[:, 0].astype(int))
    assert counts[0] == 0
    assert counts[1:].tolist() == sorted(counts[1:], reverse=True)
    assert info.columns[0].levels[0] == "c"


def test_levels_beyond_a_thousand_are_unknown(spec, table, tmp_path):
    rows = [f"l{i % 1300},{i % 2}" for i in range(13000)]
    info = prepare(spec(table("level,y\n" + "\n".join(rows))), tmp_path, 0)
    assert len(info.columns[0].levels) == 1000
    x = everything(tmp_path, info)["train"][0]
    assert (x.min(), x.max()) == (0, 1000)


def test_useless_columns_are_left_out_and_named(spec, table, tmp_path):
    rows = [f"{i},name{i},same,,{i % 2}" for i in range(60)]
    text = "n,id,constant,empty,y\n" + "\n".join(rows)
    info = prepare(spec(table(text)), tmp_path, 0)
    assert [c.name for c in info.columns] == ["n"]
    assert info.left_out == {
        "id": "nearly all different",
        "constant": "always the same",
        "empty": "missing",
    }
    assert "left out: id (nearly all different), constant (always the same)" in describe(info)
    with pytest.raises(DataError, match=r"no column is left .* id \(nearly all different\)"):
        prepare(spec(table(text), ignore="n"), tmp_path, 0)


def test_column_constant_in_training_only_is_left_out(spec, table, tmp_path):
    text = "n,v,y\n" + "".join(f"{i},5,{i % 2}\n" for i in range(50))
    first = prepare(spec(table(text)), tmp_path / "a", 0)
    row = int(everything(tmp_path / "a", first)["validation"][0][0, 0])
    changed = text.replace(f"\n{row},5,", f"\n{row},6,")
    info = prepare(spec(table(changed)), tmp_path / "b", 0)
    assert info.left_out == {"v": "always the same"}


def test_arrays_stay_whole_and_may_have_missing_values(spec, npz, tmp_path):
    x = np.stack([np.arange(40.0), np.ones(40), np.where(np.arange(40) % 3, 1.0, np.nan)], 1)
    info = prepare(spec(npz(x=x, y=np.arange(40) % 2)), tmp_path / "cache", 0)
    assert info.input_shape == (3,)
    assert [c.name for c in info.columns] == ["column 1", "column 2", "column 3"]
    assert np.isnan(everything(tmp_path / "cache", info)["train"][0]).any()
    x[:, 2] = np.nan
    with pytest.raises(DataError, match="'column 3' has no value in any training example"):
        prepare(spec(npz(x=x, y=np.arange(40) % 2)), tmp_path / "cache", 0)


@pytest.mark.parametrize("value", ["inf", "-inf", "1e39", "1e400"])
def test_infinite_numbers_are_refused(spec, table, value):
    path = table(mixed().replace("\n7,", f"\n{value},"))
    with pytest.raises(DataError, match="finite and below 3e38, and the column 'n' holds"):
        load_source(spec(path))


def test_ignored_columns_are_unread(spec, table, tmp_path):
    info = prepare(spec(table(mixed()), ignore="colour"), tmp_path, 0)
    assert [c.name for c in info.columns] == ["n"]
    assert info.left_out == {}
    with pytest.raises(DataError, match=r"ignore must be a column's name .*did you mean 'colour'"):
        prepare(spec(table(mixed()), ignore="color"), tmp_path, 0)
    with pytest.raises(DataError, match="no column is left to learn from besides label"):
        prepare(spec(table(mixed()), ignore=("n", "colour")), tmp_path, 0)


def test_fingerprint_is_of_content_goal_and_target(spec, table, tmp_path):
    path, copy = table(mixed()), table(mixed(), "copy.csv")

    def of(path, goal="classification", **settings):
        return prepare(spec(path, **settings), tmp_path / "cache", 0, goal).fingerprint

    same = {
        of(path),
        of(copy),
        of(path, target="label"),
        of(path, target="-1"),
        of(path, target="3"),
    }
    assert len(same) == 1
    semicolons = table(mixed().replace(",", ";"), "s.csv")
    assert of(semicolons) in same
    other = {of(path, target="colour"), of(path, "regression", target="n"), of(path, ignore="n")}
    assert len(other | same) == 4


def test_table_options_for_other_sources_are_refused(spec, npz):
    with pytest.raises(DataError, match=r"target can be said of a table .* only"):
        load_source(spec(npz(), target="y"))
    with pytest.raises(DataError, match=r"ignore and header can be said of a table .* only"):
        load_source(spec("iris", ignore="a", header=False))


def test_image_size_for_a_file_with_columns_is_refused(spec, table):
    with pytest.raises(DataError, match="this is a table"):
        load_source(spec(table(mixed()), image_size=8))
