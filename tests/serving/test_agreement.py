"""What search and predict both accept they read alike: over tables made by chance, in any style."""

from __future__ import annotations

import csv
import io

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autotrain.data import load_source
from autotrain.errors import AutotrainError
from autotrain.serving.encoder import Encoder
from autotrain.serving.input_file import InputError
from autotrain.serving.predict import read
from autotrain.space import DataSpec

ODD = [
    "",
    " ",
    "?",
    "None",
    "NA",
    "-",
    "n/a",
    "inf",
    "1e39",
    "1_000",
    "0x1f",
    "#REF!",
    '"',
    "'",
    "\u00a0",
]
STYLES = ["{}", "{} ", " {}", "{}%", "${}", "{} €", "({})", "-{}", "+{}", "{}e3", "0{}", "{} kg"]
WORDS = st.text("ab1,;.\t|\"' \n#é", max_size=5)
NUMBERS = [
    st.integers(-3, 5).map(str),
    st.integers(0, 10**17).map(str),
    st.floats(-1e6, 1e6).map(lambda v: f"{v:.3f}"),
    st.floats(-1e6, 1e6).map(lambda v: f"{v:,.2f}"),
    st.floats(-1e3, 1e3).map(lambda v: f"{v:.2f}".replace(".", ",")),
    st.integers(1000, 10**7).map(lambda v: f"{v:,}".replace(",", ".")),
    st.floats(0, 1e6).map(lambda v: f"{v:,.1f}".translate(str.maketrans(",.", ".,"))),
]
TIMES = st.datetimes().map(lambda t: t.isoformat(" ", "seconds"))
DAYS = st.dates().map(lambda t: t.strftime("%d.%m.%Y"))
TRUTH = st.sampled_from(["true", "false", "True", "FALSE"])


@st.composite
def columns(draw, rows):
    others = [WORDS, TIMES, DAYS, TRUTH, st.sampled_from("abc")]
    kind = draw(st.sampled_from([*NUMBERS, *others, st.one_of(NUMBERS)]))
    style = draw(st.sampled_from(STYLES)) if kind not in others else "{}"
    cells = [style.format(cell) for cell in draw(st.lists(kind, min_size=rows, max_size=rows))]
    for i in draw(st.sets(st.integers(0, rows - 1), max_size=3)):
        cells[i] = draw(st.sampled_from(ODD))
    return cells


@st.composite
def tables(draw):
    rows = draw(st.integers(6, 14))
    found = draw(st.lists(columns(rows), min_size=1, max_size=4))
    target = ["yes" if i % 2 else "no" for i in range(rows)]
    lines = list(zip(*found, target, strict=True))
    if draw(st.booleans()):
        names = draw(
            st.lists(st.text("abc 1,\n;é", max_size=4), min_size=len(found), max_size=len(found))
        )
        lines.insert(0, (*names, "answer"))
    out = io.StringIO()
    if draw(st.sampled_from([False] * 5 + [True])):
        out.write(draw(st.sampled_from(["A title\n", "sep=;\n", "# made by hand\n\n"])))
    csv.writer(
        out,
        delimiter=draw(st.sampled_from(",;\t|")),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    ).writerows(lines)
    if draw(st.sampled_from([False] * 5 + [True])):
        out.write(draw(st.sampled_from(["Total,5\n", "Total;;7\n", "\nmade by hand\n", ",,,\n"])))
    return draw(st.sampled_from(["", "\ufeff"])) + out.getvalue()


def searched(path, modality=None):
    spec = DataSpec(source=str(path), target="-1")
    try:
        return load_source(spec, modality=modality)
    except AutotrainError as error:
        assert "\n" not in str(error).strip() or "made of" in str(error)  # noqa: PT017 (one message)
        return None


def predicted(dataset, path):
    inputs = {
        "modality": dataset.modality, "columns": [column.to_dict() for column in dataset.columns],
        "table": {"header": dataset.header, "width": dataset.width,
                  "targets": list(dataset.targets), **dataset.written},
        "vocabulary": list(dataset.vocabulary), "tokens": dataset.tokens,
        "shape": list(dataset.x["train"].shape[1:]), "dtype": "float32",
    }  # fmt: skip
    encoder = Encoder(inputs)
    arrays, problems = [], []
    try:
        for _, batch, wrong in read(inputs, path):
            arrays.append(encoder.numbers(batch))
            problems += wrong
    except InputError:
        return None
    return np.concatenate(arrays)[[not problem for problem in problems]]


@settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(text=tables())
def test_search_and_predict_read_a_table_alike(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_text(text, "utf-8", newline="")
    dataset = searched(path)
    if dataset is None or dataset.dropped:
        return
    found = predicted(dataset, path)
    assert found is not None
    np.testing.assert_array_equal(found, dataset.x["train"])


@settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(raw=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_file_makes_the_readers_stumble(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(raw)
    for modality in ("tabular", "text"):
        searched(path, modality)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(texts=st.lists(st.text("ab \"',;éÀ.\n", max_size=12), min_size=8, max_size=12))
def test_search_and_predict_read_texts_alike(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("t") / "t.tsv"
    lines = [
        f"{'yes' if i % 2 else 'no'}\t{text.replace(chr(10), ' ')}" for i, text in enumerate(texts)
    ]
    path.write_text("label\ttext\n" + "\n".join(lines) + "\n", "utf-8", newline="")
    try:
        dataset = load_source(
            DataSpec(source=str(path), target="label", text="text"), modality="text"
        )
    except AutotrainError:
        return
    found = predicted(dataset, path)
    assert found is not None
    np.testing.assert_array_equal(found, dataset.x["train"])
