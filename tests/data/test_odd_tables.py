"""Tables as people write them: the right values, what is said about them, and the same in use."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile

import numpy as np
import pytest

from autotrain.data import describe, load_source, modality_named, prepare
from autotrain.data.split import split
from autotrain.errors import DataError
from autotrain.serving.predict import read
from autotrain.space import DataSpec

ROWS = 60


@pytest.fixture
def load(tmp_path):
    """Load lines as a table: `label` is the target."""

    def load(text, name="t.csv", task="classification", modality=None, **options):
        path = tmp_path / name
        path.write_text(text, "utf-8", newline="")
        return load_source(DataSpec(source=str(path), **options), task, modality)

    return load


def lines(cells, header="v,label\n", separator=","):
    rows = (f"{cell}{separator}{'ab'[i % 2]}\n" for i, cell in enumerate(cells))
    return header.replace(",", separator) + "".join(rows)


def values(dataset):
    return dataset.x["train"][:, 0].tolist()


@pytest.mark.parametrize(
    ("cells", "separator", "expected"),
    [
        (["51,257", "0,513", "-0,298"], ";", [51.257, 0.513, -0.298]),  # a leading 0 tells it
        (["51,257", "48,679", "56,404"], ";", [51.257, 48.679, 56.404]),  # the separator does
        (['"51,257"', '"48,679"', '"1,404"'], ",", [51257, 48679, 1404]),
        (["1.234,5", "0,5", "12.345.678,25"], ";", [1234.5, 0.5, 12345678.25]),
        (['"1,234.5"', "0.5", '"12,345,678.25"'], ",", [1234.5, 0.5, 12345678.25]),
        (["1 234", "12 345", "1 234 567"], ";", [1234, 12345, 1234567]),
        (["1\u00a0234,5", "2\u202f345,25", "7,1"], ";", [1234.5, 2345.25, 7.1]),
        (["1'234.5", "12\u2019345", "999"], ";", [1234.5, 12345, 999]),
        (["12%", "7.5 %", "100%"], ",", [0.12, 0.075, 1.0]),
        (["12,5 %", "7 %", "0,1%"], ";", [0.125, 0.07, 0.001]),
        (["$5", "-$7.25", '"$1,000"'], ",", [5, -7.25, 1000]),
        (["5 €", "7,25 €", "1.000,00 €"], ";", [5, 7.25, 1000]),
        (["EUR 5", "EUR 7.5", "EUR 10"], ",", [5, 7.5, 10]),
        (["US$5", "US$7", "US$8"], ",", [5, 7, 8]),
        (["(5.50)", "7", "(1)"], ",", [-5.5, 7, -1]),
        (["\u22125", "7", "\u22121.5"], ",", [-5, 7, -1.5]),
        (["5-", "7", "1.5-"], ",", [-5, 7, -1.5]),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_written(load, cells, separator, expected):
    dataset = load(lines(cells * 20, separator=separator))
    assert values(dataset)[:3] == [np.float32(v) for v in expected]
    assert any("is read as" in note for note in dataset.notes)


def test_no_thousands_begin_with_a_zero(load):
    """A comma that cannot separate thousands is the decimal mark, whatever separates the cells."""
    assert values(load(lines(['"0,513"', '"51,257"'] * 30)))[:2] == [
        np.float32(0.513),
        np.float32(51.257),
    ]
    assert load(lines(['"0,513"', '"51,257"'] * 30), decimal=".").columns[0].kind == "category"


def test_a_folder_of_tables_is_named_by_a_pattern(tmp_path):
    (tmp_path / "part-0.csv").write_text("v,label\n1,a\n")
    with pytest.raises(DataError, match=r"holds tables such as part-0\.csv; .* as .*/\*\.csv"):
        load_source(DataSpec(source=str(tmp_path), target="label"))


def test_a_decimal_mark_may_be_said(load):
    text = lines(['"51,257"', '"48,679"'] * 30)
    assert values(load(text))[0] == 51257
    assert values(load(text, decimal=","))[0] == np.float32(51.257)


@pytest.mark.parametrize(
    "cells",
    [["$5", "€7", "£9"], ["12%", "7", "8"], ["A1", "A2", "B3"], ["192.168.0.1", "10.0.0.1"],
     ["5 kg", "500 g"], ["12:30x", "1-2-3-4"]],
)  # fmt: skip
def test_what_is_no_one_number_stays_a_category(load, cells):
    dataset = load(lines(cells * 12))
    assert dataset.columns[0].kind == "category"
    assert set(dataset.columns[0].levels) == set(cells)


@pytest.mark.parametrize("word", ["None", "-", "n.a.", "unknown", "#DIV/0!", "\\N", "?", "NULL"])
def test_words_for_nothing_are_missing_among_numbers(load, word):
    dataset = load(lines([word, "1.5", "2", word] * 15))
    assert dataset.columns[0].kind == "number"
    np.testing.assert_array_equal(values(dataset)[:4], [np.nan, 1.5, 2, np.nan])
    if word not in ("?", "NULL"):
        assert any(f"30 cells ({word!r}) taken as missing" in note for note in dataset.notes)


def test_few_odd_cells_are_missing_and_many_make_a_category(load):
    few = load(lines(["broken"] * 3 + [str(i / 4) for i in range(57)]))
    assert few.columns[0].kind == "number"
    assert any("3 cells ('broken') taken as missing" in note for note in few.notes)
    many = load(lines(["broken"] * 12 + [str(i % 4) for i in range(48)]))
    assert many.columns[0].kind == "category"


def test_words_for_nothing_are_levels_among_words(load):
    dataset = load(lines(["None", "brick", "tin"] * 20))
    assert set(dataset.columns[0].levels) == {"None", "brick", "tin"}


def used(dataset, path):
    """The arrays that a model gets from a file, and the problems of its rows."""
    from autotrain.serving.encoder import Encoder

    inputs = {
        "modality": dataset.modality, "columns": [column.to_dict() for column in dataset.columns],
        "table": {"header": dataset.header, "width": dataset.width,
                  "targets": list(dataset.targets), **dataset.written},
        "vocabulary": [], "tokens": "", "shape": [1], "dtype": "float32",
    }  # fmt: skip
    encoder = Encoder(inputs)
    found = [(encoder.numbers(batch), wrong) for _, batch, wrong in read(inputs, path)]
    return np.concatenate([x for x, _ in found]), [p for _, wrong in found for p in wrong]


def test_a_new_cell_is_read_by_the_form_of_training(load, tmp_path):
    dataset = load(lines(["0,513", "51,257", "bad"] + ["2,5"] * 57, separator=";"))
    new = tmp_path / "new.csv"
    new.write_text("v\n1,5\nbad\n1.5\nworse\nNone\n")
    found, problems = used(dataset, new)
    np.testing.assert_array_equal(found[:, 0], [1.5, np.nan, np.nan, np.nan, np.nan])
    assert [bool(problem) for problem in problems] == [False, False, True, True, False]


def test_a_row_of_units_is_skipped_in_search_and_in_use(load, tmp_path):
    dataset = load(
        "load,temp,label\nkg,°C,\n" + "".join(f"{i},{i / 4},{'ab'[i % 2]}\n" for i in range(ROWS))
    )
    assert len(dataset.y["train"]) == ROWS
    assert [column.kind for column in dataset.columns] == ["number", "number"]
    assert any("tells units (kg, °C)" in note for note in dataset.notes)
    found, problems = used(dataset, tmp_path / "t.csv")
    np.testing.assert_array_equal(found, dataset.x["train"])
    assert not any(problems)
    (tmp_path / "one.csv").write_text("load,temp\nkg,°C\n5,6\n")
    assert used(dataset, tmp_path / "one.csv")[0].tolist() == [[5, 6]]


@pytest.mark.parametrize(
    "footer",
    ["Total,5310,\n", "Sum:,5310,\n", "\nGrand total,5310,\n", "\nSource: the World Bank\n",
     "Mean,88.5,\nTotal,5310,\n"],
)  # fmt: skip
def test_totals_and_notes_below_are_no_examples(load, tmp_path, footer):
    rows = "".join(f"n{i % 5},{i * 3},{'ab'[i % 2]}\n" for i in range(ROWS))
    dataset = load("name,v,label\n" + rows + footer)
    assert (len(dataset.y["train"]), dataset.dropped) == (ROWS, 0)
    assert any("left out" in note for note in dataset.notes)
    found, problems = used(dataset, tmp_path / "t.csv")
    kept = [not problem for problem in problems]
    assert sum(kept) == ROWS
    assert all("total or a note" in problem for problem in problems[ROWS:])
    np.testing.assert_array_equal(found[kept], dataset.x["train"])


def test_a_total_of_the_target_is_no_example(load):
    rows = "".join(f"n{i % 5},{i * 3}\n" for i in range(ROWS))
    dataset = load("name,v\n" + rows + "Total,5310\n", task="regression", target="v")
    assert dataset.y["train"].max() == (ROWS - 1) * 3


def test_total_is_a_level_where_it_comes_again(load):
    rows = "".join(f"{('Total', 'Part')[i % 2]},,{'ab'[i % 2]}\n" for i in range(ROWS - 1))
    assert len(load("scope,v,label\n" + rows).y["train"]) == ROWS - 1


@pytest.mark.parametrize(
    "above",
    [
        "Sales 2021\n",
        "Sales 2021\n\n",
        "Sales 2021,,\nby region,,\n",
        "# made by hand\n",
        "sep=,\n",
    ],
)
def test_titles_above_the_header_are_skipped(load, tmp_path, above):
    rows = "".join(f"n{i % 5},{i * 3},{'ab'[i % 2]}\n" for i in range(ROWS))
    dataset = load(above + "name,v,label\n" + rows)
    assert ([c.name for c in dataset.columns], len(dataset.y["train"])) == (["name", "v"], ROWS)
    np.testing.assert_array_equal(used(dataset, tmp_path / "t.csv")[0], dataset.x["train"])


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("who,2019,2020,label", ("who", "2019", "2020")),
        ("who,,2020,label", ("who", "column 2", "2020")),
        (",2019,2020,label", ("column 1", "2019", "2020")),
    ],
)
def test_odd_names_are_names(load, header, names):
    rows = "".join(f"{'xyz'[i % 3]},{i / 8},{-i / 8},{'ab'[i % 2]}\n" for i in range(ROWS))
    dataset = load(f"{header}\n{rows}")
    assert tuple(c.name for c in dataset.columns) == names


def test_an_unclear_header_is_asked_for(load):
    dataset = load("2019,2020,1\n" + "".join(f"{i % 9},{i / 2},{i % 2}\n" for i in range(ROWS)))
    assert any("--set data.header=true" in note for note in dataset.notes)
    rows = "".join(f"{2000 + i % 50},{i / 2},{i % 2}\n" for i in range(ROWS))
    assert load("2019,2020,1\n" + rows, header=True, target="1").header


@pytest.mark.parametrize("rows", ["{},{},\n", "{},{}\n"])
def test_a_trailing_comma_is_no_column(load, tmp_path, rows):
    text = "v,label,\n" + "".join(rows.format(i / 4, "ab"[i % 2]) for i in range(ROWS))
    if rows == "{},{}\n":
        text = text.replace("label,\n", "label\n").replace("\n", ",\n").replace("label,", "label")
    dataset = load(text)
    fitted = modality_named("tabular").fit("t", split(dataset, 0.2, 0.2, 0))
    assert [c.name for c in fitted.columns] == ["v"]
    np.testing.assert_array_equal(used(dataset, tmp_path / "t.csv")[0], dataset.x["train"])


def test_blanks_separate_numbers(load, tmp_path):
    text = "".join(f"  {i / 4:8.2f}   {i % 7}\t{i * 3} \n" for i in range(ROWS))
    dataset = load(text, "ws.data", task="regression", target="-1")
    assert dataset.x["train"].shape == (ROWS, 2)
    assert dataset.y["train"].tolist() == [i * 3 for i in range(ROWS)]
    np.testing.assert_array_equal(used(dataset, tmp_path / "ws.data")[0], dataset.x["train"])


# Classes.


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["007", "010", "100"], ("007", "010", "100")),
        (["7", "007", "10"], ("007", "7", "10")),
        (["9007199254740992", "9007199254740993"], ("9007199254740992", "9007199254740993")),
        (["1.0", "2.0", "10.0"], ("1", "2", "10")),
        (["2", "10", "1"], ("1", "2", "10")),
        (["true", "FALSE"], ("False", "True")),
    ],
)
def test_class_names_are_the_text_of_the_file(load, classes, expected):
    rows = "".join(f"{i / 4},{classes[i % len(classes)]}\n" for i in range(ROWS))
    assert load("v,label\n" + rows).class_names == expected


# Roles of columns.


@pytest.mark.parametrize(
    ("name", "numbers", "left_out"),
    [
        ("", range(ROWS), True),
        ("", range(1, ROWS + 1), True),
        ("", np.random.default_rng(0).permutation(ROWS), True),
        ("Unnamed: 0", range(5, 3 * ROWS, 3), True),
        ("index", range(ROWS), True),
        ("row_number", range(1, ROWS + 1), True),
        ("id", range(1, ROWS + 1), True),
        ("PassengerId", range(1, ROWS + 1), True),
        ("day", range(ROWS), False),
        ("customer_id", np.random.default_rng(0).permutation(ROWS * 9), False),
        ("", [i % 7 for i in range(ROWS)], False),
    ],
)
def test_row_numbers_are_left_out(load, name, numbers, left_out):
    rows = [f"{number},{i % 5},{'ab'[i % 2]}\n" for i, number in enumerate([*numbers][:ROWS])]
    dataset = load(f"{name},v,label\n" + "".join(rows))
    called = name or "column 1"
    assert dict(dataset.left_out) == ({called: "row numbers"} if left_out else {})
    assert (called in [c.name for c in dataset.columns]) is not left_out
    warned = any(f"warning: {called!r}" in note for note in dataset.notes)
    assert warned is (name in ("day", "customer_id"))


def test_a_column_that_gives_the_target_away_is_said(tmp_path):
    rows = "".join(f"{i % 7},{('no', 'yes')[i % 2]},{i % 2}\n" for i in range(200))
    (tmp_path / "t.csv").write_text("v,alive,survived\n" + rows)
    info = prepare(DataSpec(source=str(tmp_path / "t.csv"), target="survived"), tmp_path / "c", 0)
    assert "'alive' alone gives the target away (accuracy 1.000 on validation)" in describe(info)
    assert "'v' alone" not in describe(info)


def test_times_become_parts(load, tmp_path):
    text = lines(
        [f"{1 + i % 28:02}.{1 + i % 12:02}.2021 06:00" for i in range(ROWS)], "when,label\n"
    )
    dataset = load(text)
    first = dict(
        zip([c.name for c in dataset.columns], dataset.x["train"][0].tolist(), strict=True)
    )
    assert first["when (days)"] == np.float32(18628.25)  # 2021-01-01 06:00
    assert first["when (sine of week)"] == pytest.approx(np.sin(2 * np.pi * 4 / 7))  # a Friday
    assert first["when (sine of day)"] == pytest.approx(1.0)
    found, problems = used(dataset, tmp_path / "t.csv")
    np.testing.assert_array_equal(found, dataset.x["train"])
    (tmp_path / "new.csv").write_text("when\n01.01.2021 06:00\n\n?\nsoon\n")
    found, problems = used(dataset, tmp_path / "new.csv")
    assert found[0].tolist() == dataset.x["train"][0].tolist()
    assert np.isnan(found[1]).all()
    assert problems == ["", "", "when is no time: 'soon'"]
    raw = modality_named("tabular").to_raw(tmp_path, dataset, (), dataset.x["train"])
    np.testing.assert_array_equal(used(dataset, raw)[0], dataset.x["train"])


@pytest.mark.parametrize(
    ("cell", "moment"),
    [("2021-03-04", "2021-03-04"), ("2021-03-04T05:06:07Z", "2021-03-04 05:06"), ("4 Mar 2021", "2021-03-04"),
     ("03/25/2021", "2021-03-25"), ("25/03/2021", "2021-03-25"), ("2021/03/04 05:06", "2021-03-04 05:06"),
     ("Mar 4, 2021", "2021-03-04")],
)  # fmt: skip
def test_times_are_understood_as_they_are_written(load, cell, moment):
    dataset = load(lines([f'"{cell}"'] * ROWS, "when,label\n"))
    assert any(f"{cell!r} is read as {moment}" in note for note in dataset.notes)


# The target.


def test_a_guessed_target_is_said(load):
    assert load(lines(["1.5", "2"] * 30)).notes[0] == (
        "predicts 'label', chosen by its name; --target names another"
    )
    headless = load(lines(["1.5", "2"] * 30, ""))
    assert "the last one, for the columns have no names" in headless.notes[0]
    assert load(lines(["1.5", "2"] * 30), target="label").notes == ()


def test_a_size_called_y_is_asked_about(load):
    rows = "".join(f"{i / 9},{i % 5},{i / 7},{i}\n" for i in range(ROWS))
    with pytest.raises(DataError, match="must be named with --target"):
        load("x,y,z,price\n" + rows, task="regression")
    assert load("a,b,c,y\n" + rows, task="regression").targets == ("y",)


# Files.


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zip"])
def test_compressed_tables_are_read(tmp_path, suffix):
    text, path = lines(["1.5", "2"] * 30).encode(), tmp_path / f"t.csv.{suffix}"
    if suffix == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("t.csv", text)
    else:
        path.write_bytes({"gz": gzip, "bz2": bz2, "xz": lzma}[suffix].compress(text))
    dataset = load_source(DataSpec(source=str(path)))
    assert values(dataset)[:2] == [1.5, 2]
    assert used(dataset, path)[0].tolist() == dataset.x["train"].tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,label\n1,x\n2\n3,y\n", r"line 3: .* as many cells as the first, 2, and this has 1"),
        ("a,label\n1,x\n2,y,z\n", r"line 3: .* as many cells as the first, 2, and this has 3"),
        ("a,label\n", "needs rows"),
        ("a,label\n1,x\n2,\0\n", "line 3 of this file holds zero bytes"),
        ('a,label\n1,x\n2,"y\n', "a quote stands open at the end, since line 3"),
        ("a,label\n" + "1,x\n2,y\n" * 9 + "3,z\n", r"'z' has 1; add examples"),
    ],
)
def test_bad_tables_are_refused_in_one_message(tmp_path, text, message):
    path = tmp_path / "t.csv"
    path.write_text(text)
    spec = DataSpec(source=str(path), target="label", header=True)
    with pytest.raises(DataError, match=message):
        prepare(spec, tmp_path / "c", 0)
