"""What search reads and what a model is given: the same file, the same arrays."""

from __future__ import annotations

import csv
import gzip
import io

import numpy as np
import pytest

from autotrain.data import load_source
from autotrain.data.modalities import modality_named
from autotrain.data.split import split
from autotrain.serving.encoder import Encoder
from autotrain.serving.input_file import InputError
from autotrain.serving.predict import read
from autotrain.space import DataSpec

ROWS = 90
MISSING = ("", "?", "NA", " n/a", "NaN ", "null")
WORDS = (
    "red",
    "blue",
    "a;b",
    "c,d",
    'say "yes"',
    "two\nlines",
    "tab\there",
    "ä|ö",
    "1_000",
    "007x",
)


def _numbers(rng):
    forms = ("{:.3f}", "{:g}", "{:.17g}", " {:e}", "{:+.2f} ", "{:.0f}")
    return [
        rng.choice(forms).format(value)
        for value in rng.normal(0, 10.0 ** rng.integers(-3, 6), ROWS)
    ]


def _whole(rng):
    return [str(value) for value in rng.integers(-9, 10 ** rng.integers(1, 18), ROWS)]


def _words(rng):
    return [str(word) for word in rng.choice(WORDS, ROWS)]


def _truth(rng):
    spellings = rng.choice(["true,false", "True,False", "TRUE,FALSE", "true,False, True,FALSE "])
    return [str(word) for word in rng.choice(spellings.split(","), ROWS)]


def _mixed(rng):
    return [str(cell) for cell in rng.choice(["1", "2.0", "true", "-"], ROWS)]


def _table(rng):
    """Columns of cells, the last one the target, and whether they may be told by a header."""
    kinds = rng.choice([_numbers, _whole, _words, _truth, _mixed], rng.integers(1, 6))
    columns = [kind(rng) for kind in kinds]
    for cells in columns:
        for i in rng.choice(ROWS, rng.integers(0, 20), replace=False):
            cells[i] = str(rng.choice(MISSING))
    columns.append([("no", "yes")[i % 2] for i in range(ROWS)])
    return columns


def _write(rng, columns, path, header):
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=str(rng.choice([",", ";", "\t", "|"])),
        lineterminator=str(rng.choice(["\n", "\r\n"])),
        quoting=csv.QUOTE_ALL if rng.uniform() < 0.2 else csv.QUOTE_MINIMAL,
    )
    if header:
        writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))
    content = ("\ufeff" if rng.uniform() < 0.3 else "") + out.getvalue()
    raw = content.encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)


def _given(inputs, path):
    """The arrays that a model gets, and what is wrong with rows."""
    encoder, arrays, problems = Encoder(inputs), [], []
    for _, batch, wrong in read(inputs, path):
        arrays.append(encoder.numbers(batch))
        problems += wrong
    return np.concatenate(arrays), problems


def _inputs(dataset, **more):
    columns = [column.to_dict() for column in dataset.columns]
    table = {"header": dataset.header, "width": dataset.width, "targets": list(dataset.targets)}
    given = {"modality": dataset.modality, "columns": columns, "table": table, "vocabulary": []}
    return {**given, **more}


@pytest.mark.parametrize("seed", range(60))
def test_a_model_gets_the_rows_that_training_saw(tmp_path, seed):
    rng = np.random.default_rng(seed)
    columns = _table(rng)
    headed = bool(rng.integers(2))
    names = ["size; cm", "a, b", "two\nlines", 'the "best"', "ä"][: len(columns) - 1]
    path = tmp_path / ("t.csv.gz" if rng.uniform() < 0.2 else "t.csv")
    _write(rng, columns, path, [*names, "answer"] if headed else None)
    spec = DataSpec(source=str(path), target="-1", header=headed)
    dataset = split(load_source(spec), 0.2, 0.2, seed)
    try:
        dataset = modality_named("tabular").fit(str(path), dataset)
    except Exception as error:
        assert "no column is left" in str(error)  # noqa: PT017 (by chance all cells are alike)
        return
    found, problems = _given(_inputs(dataset), path)
    assert not any(problems)
    np.testing.assert_array_equal(found, dataset.x["train"])


@pytest.mark.parametrize("seed", range(10))
def test_a_model_of_a_headless_table_gets_rows_without_their_target(tmp_path, seed):
    rng = np.random.default_rng(seed)
    columns = [*_table(rng)[:-1], _numbers(rng), _numbers(rng)]
    place = int(rng.integers(len(columns) + 1))
    target = [("no", "yes")[i % 2] for i in range(ROWS)]
    _write(rng, [*columns[:place], target, *columns[place:]], tmp_path / "t.csv", None)
    _write(rng, columns, tmp_path / "new.csv", None)
    spec = DataSpec(source=str(tmp_path / "t.csv"), target=str(place + 1), header=False)
    dataset = modality_named("tabular").fit("t", split(load_source(spec), 0.2, 0.2, seed))
    found, problems = _given(_inputs(dataset), tmp_path / "new.csv")
    assert not any(problems)
    np.testing.assert_array_equal(found, dataset.x["train"])


@pytest.mark.parametrize("tokens", ["whitespace", "character"])
@pytest.mark.parametrize("seed", range(10))
def test_a_model_gets_the_texts_that_training_saw(tmp_path, seed, tokens):
    rng = np.random.default_rng(seed)
    words = [*WORDS, "NA", "", " ", "Good", "BAD!", "寿司", "don't"]
    texts = [" ".join(rng.choice(words, rng.integers(0, 9))) for _ in range(ROWS)]
    labels = [("no", "yes")[i % 2] for i in range(ROWS)]
    _write(rng, [labels, texts], tmp_path / "t.csv", ["label", "text"])
    spec = DataSpec(source=str(tmp_path / "t.csv"), split_text=tokens, text="text")
    dataset = split(load_source(spec, modality="text"), 0.2, 0.2, seed)
    dataset = modality_named("text").fit("t", dataset)
    shape = list(dataset.x["train"].shape[1:])
    inputs = _inputs(dataset, tokens=tokens, vocabulary=list(dataset.vocabulary), shape=shape)
    found, _ = _given(inputs, tmp_path / "t.csv")
    np.testing.assert_array_equal(found, dataset.x["train"])


COLOURS = {
    "dtype": "float32", "shape": [3], "vocabulary": [],
    "columns": [{"name": "size", "kind": "number", "levels": []},
                {"name": "colour", "kind": "category", "levels": ["red", "blue"]},
                {"name": "heavy", "kind": "category", "levels": ["True", "False"]}],
}  # fmt: skip


def test_columns_may_be_given_as_text_or_numbers():
    encoder = Encoder(COLOURS)
    cells = {"size": ["1", ""], "colour": ["blue", "pink"], "heavy": ["true", "FALSE"]}
    wanted = [[1, 2, 1], [np.nan, 0, 2]]
    np.testing.assert_array_equal(encoder.numbers(cells), wanted)
    numbers = {**cells, "size": np.array([1, np.nan])}
    np.testing.assert_array_equal(encoder.numbers(numbers), wanted)
    assert encoder.unknown(cells) == {("colour", "pink"): 1}
    strings = encoder.strings(cells)
    assert strings["heavy"].tolist() == [["True"], ["False"]]
    assert strings["colour"].tolist() == [["blue"], ["pink"]]


def test_a_cell_that_is_no_number_is_refused():
    cells = {"size": ["tall"], "colour": ["red"], "heavy": ["true"]}
    with pytest.raises(InputError, match="size is no number: 'tall'"):
        Encoder(COLOURS).numbers(cells)
