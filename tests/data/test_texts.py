"""Texts: token numbers as Keras's layer gives them, fitted on the training rows only."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autotrain.data import (
    data_folder,
    describe,
    open_arrays,
    open_test,
    open_vocabulary,
    prepare,
)
from autotrain.data.texts import choose_split
from autotrain.errors import DataError
from autotrain.serving.tokens import tokenize

ENGLISH = (
    "Free entry in 2 a wkly comp! Text FA to 87121",
    "don't   stop\tme\nnow -- it's (so) good: a/b\\c_d",
    "ÄÖÜ Straße İstanbul ÉCOLE ~`^[x]{y}|<z>",
    "non\u00a0breaking\u3000wide\u2003em\x0bvertical\x0cfeed\x1cgroup",
    "smiles 😀 👩‍👩‍👧 “quotes” … 5€ @home #tag 50% $5",
    "!!! ... ???",
    " ",
)
CHINESE = (
    "商务大床房\uff0c房间很大\uff0c床有2M宽\uff0c整体感觉经济实惠不错!",
    "距离川沙公路较近,但是公交指示不对 (很麻烦)",
    "ありがとう　ございます。\uff37i-Fi OK",
    "สวัสดีครับ โรงแรมดี",
    "𠮷野家 é e\u0301",
)


@pytest.fixture
def save(tmp_path):
    def write(texts, name="texts.tsv", header="text\tlabel\n", copies=8) -> Path:
        lines = [
            f"{' '.join(text.split())} t{i}\t{'ab'[i % 2]}"
            for i, text in enumerate([*texts] * copies)
        ]
        path = tmp_path / name
        path.write_text(header + "\n".join(lines) + "\n", "utf-8")
        return path

    return write


def everything(cache, info):
    folder = data_folder(cache, info.fingerprint)
    arrays, test = open_arrays(folder), open_test(folder)
    return folder, np.array(arrays.x_train), np.array(arrays.x_validation), np.array(test[0])


KERAS = """
import json, sys
import keras
case = json.load(open(sys.argv[1], encoding="utf-8"))
answers = []
for vocabulary, texts, split, length in case:
    layer = keras.layers.TextVectorization(
        max_tokens=20000, standardize="lower_and_strip_punctuation", split=split,
        output_mode="int", output_sequence_length=length, vocabulary=vocabulary)
    answers.append(keras.ops.convert_to_numpy(layer(texts)).tolist())
json.dump(answers, open(sys.argv[2], "w"))
"""


def test_numbers_are_those_of_the_keras_layer(spec, save, tmp_path):
    cases, ours = [], []
    for name, texts, split in (
        ("english", ENGLISH, "whitespace"),
        ("chinese", CHINESE, "character"),
        ("letters", ENGLISH, "character"),
        ("words", CHINESE, "whitespace"),
    ):
        # Whitespace of all kinds must come through the file, so its cells are quoted.
        rows = [f'"{t}", {"yes" if i % 2 else "no"}' for i, t in enumerate([*texts] * 9)]
        path = tmp_path / f"{name}.csv"
        path.write_text("text,label\n" + "\n".join(rows), "utf-8")
        info = prepare(spec(path, split_text=split), tmp_path / "c", 0, modality="text")
        folder, *parts = everything(tmp_path / "c", info)
        whole = [t.strip() for t in texts]
        numbers = {tuple(row) for x in parts for row in x.tolist()}
        vocabulary = list(open_vocabulary(folder))
        cases.append([vocabulary, whole, split, info.input_shape[0]])
        ours.append(numbers)
    (tmp_path / "case.json").write_text(json.dumps(cases), "utf-8")
    paths = [str(tmp_path / "case.json"), str(tmp_path / "answer.json")]
    done = subprocess.run(
        [sys.executable, "-c", KERAS, *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = json.loads((tmp_path / "answer.json").read_text())
    for expected, numbers in zip(answers, ours, strict=True):
        assert {tuple(row) for row in expected} == numbers


@pytest.mark.parametrize(
    ("text", "split", "tokens"),
    [
        ("Don't STOP, me", "whitespace", ["dont", "stop", "me"]),
        ("ÄB\u00a0c", "whitespace", ["Äb\u00a0c"]),
        ("好 A!", "character", ["好", " ", "a"]),
        ("", "whitespace", []),
        ("?!", "character", []),
    ],
)
def test_tokenize(text, split, tokens):
    assert tokenize(text, split) == tokens


@pytest.mark.parametrize(
    ("texts", "split"),
    [
        (ENGLISH, "whitespace"),
        (CHINESE, "character"),
        (["ありがとうございます"], "character"),
        (["สวัสดีครับ"], "character"),
        (["안녕하세요 여러분"], "whitespace"),  # Korean has spaces
        (["Привет мир", "مرحبا بالعالم"], "whitespace"),
        (["I like 寿司 very much"], "whitespace"),
        (["123 456", ""], "whitespace"),
    ],
)
def test_split_follows_the_script(texts, split):
    assert choose_split(texts) == split


def test_text_table_becomes_tokens(spec, save, tmp_path):
    info = prepare(spec(save(ENGLISH)), tmp_path / "c", 0, modality="text")
    folder, train, validation, test = everything(tmp_path / "c", info)
    assert (info.modality, info.tokens, info.dtype) == ("text", "whitespace", "int32")
    assert info.vocabulary_size == len(open_vocabulary(folder)) + 2
    for x in (train, validation, test):
        assert x.dtype == np.int32
        assert x.shape[1:] == info.input_shape
        assert x.max() < info.vocabulary_size
    counts = np.bincount(train.ravel(), minlength=info.vocabulary_size)[2:]
    assert counts.min() >= 1
    assert counts.tolist() == sorted(counts, reverse=True)
    words = f"of up to {info.input_shape[0]} words, vocabulary of {info.vocabulary_size}, 2 classes"
    assert words in describe(info)


def test_vocabulary_comes_from_training_rows_only(spec, save, tmp_path):
    path = save(ENGLISH[:3], copies=20)
    info = prepare(spec(path), tmp_path / "c", 0, modality="text")
    folder, train, validation, test = everything(tmp_path / "c", info)
    vocabulary = set(open_vocabulary(folder))
    # Every row has a token of its own, t0 to t59: training's are known, all others are not.
    assert sum(token[1:].isdecimal() for token in vocabulary if token[0] == "t") == len(train)
    assert not (train == 1).any()
    for x in (validation, test):
        shown = (x != 0).sum(axis=1) < x.shape[1]  # not cut
        assert ((x == 1).sum(axis=1) == 1)[shown].all()


def test_length_comes_from_training_rows_only(spec, tmp_path):
    def rows(lengths):
        lines = [f"{' '.join([f'w{i}'] * n)},{'ab'[i % 2]}" for i, n in enumerate(lengths)]
        path = tmp_path / "t.csv"
        path.write_text("text,label\n" + "\n".join(lines))
        return path

    lengths = [10] * 50
    info = prepare(spec(rows(lengths)), tmp_path / "a", 0, modality="text")
    folder, *_ = everything(tmp_path / "a", info)
    assert info.input_shape == (10,)
    known = {int(token[1:]) for token in open_vocabulary(folder)}
    long = [10 if i in known else 400 for i in range(50)]
    assert prepare(spec(rows(long)), tmp_path / "b", 0, modality="text").input_shape == (10,)
    most = prepare(spec(rows([2000] * 50)), tmp_path / "d", 0, modality="text")
    assert most.input_shape == (512,)


def test_vocabulary_is_limited(spec, tmp_path):
    path = tmp_path / "t.csv"
    lines = [
        f"{' '.join(f'w{i * 100 + j}' for j in range(100))} often,{'ab'[i % 2]}" for i in range(400)
    ]
    path.write_text("text,label\n" + "\n".join(lines))
    info = prepare(spec(path), tmp_path / "c", 0, modality="text")
    assert info.vocabulary_size == 20_000
    folder, train, *_ = everything(tmp_path / "c", info)
    assert open_vocabulary(folder)[0] == "often"
    assert train.max() == 19_999
    assert (train == 1).any()


def test_text_without_header_needs_its_target(spec, save, tmp_path):
    path = save(ENGLISH[:2], header="", copies=30)  # the label is last and repeats
    assert prepare(spec(path), tmp_path / "c", 0, modality="text").class_names == ("a", "b")
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(f"{label}\t{text}" for text, label in lines), "utf-8")
    with pytest.raises(DataError, match=r"--target .*column 1 \(a\), column 2 \(Free entry"):
        prepare(spec(path), tmp_path / "c", 0, modality="text")
    info = prepare(spec(path, target="1"), tmp_path / "c", 0, modality="text")
    assert info.class_names == ("a", "b")
    assert info.columns[0].name == "column 2"


def test_text_column_is_named_where_several_could_be_it(spec, tmp_path):
    path = tmp_path / "t.csv"
    lines = [f"title {i % 7},some body {i % 5},{i},{i % 2}" for i in range(40)]
    path.write_text("title,body,n,label\n" + "\n".join(lines))
    with pytest.raises(
        DataError, match=r"named with text: .* 2 columns hold text.* title, body, n"
    ):
        prepare(spec(path), tmp_path / "c", 0, modality="text")
    info = prepare(spec(path, text="body"), tmp_path / "c", 0, modality="text")
    assert "body" in open_vocabulary(data_folder(tmp_path / "c", info.fingerprint))
    assert info.left_out == {"title": "beside the text", "n": "beside the text"}
    alone = prepare(spec(path, ignore="title"), tmp_path / "c", 0, modality="text")
    assert replace(alone, left_out=info.left_out) == info
    for text, message in (("label", "neither target"), ("bdy", "did you mean 'body'")):
        with pytest.raises(DataError, match=message):
            prepare(spec(path, text=text), tmp_path / "c", 0, modality="text")
    with pytest.raises(DataError, match=r"split_text must be one of .* got 'word'"):
        prepare(spec(path, text="body", split_text="word"), tmp_path / "c", 0, modality="text")


def test_words_for_missing_are_text_in_texts(spec, tmp_path):
    path = tmp_path / "t.csv"
    lines = [f"{('NA', 'null', '', 'fine')[i % 4]},{i % 2 if i else 'NA'}" for i in range(61)]
    path.write_text("text,label\n" + "\n".join(lines))
    info = prepare(spec(path), tmp_path / "c", 0, modality="text")
    folder, train, *_ = everything(tmp_path / "c", info)
    assert sorted(open_vocabulary(folder)) == ["fine", "na", "null"]
    assert info.dropped == 1
    assert info.class_names == ("0", "1")
    assert (train == 0).all(axis=1).any()  # an empty text is a text


def test_texts_without_any_token_are_refused(spec, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text,label\n" + "\n".join(f"?!,{i % 2}" for i in range(20)))
    with pytest.raises(DataError, match="training texts hold no word at all"):
        prepare(spec(path), tmp_path / "c", 0, modality="text")


@pytest.mark.parametrize("goal", ["regression", "multilabel"])
def test_texts_for_other_goals(spec, save, tmp_path, goal):
    path = save(ENGLISH)
    text = path.read_text("utf-8").replace("\ta\n", "\t0\n").replace("\tb\n", "\t1\n")
    path.write_text(text, "utf-8")
    info = prepare(spec(path), tmp_path / "c", 0, goal, "text")
    assert (info.task, info.modality, info.class_names) == (goal, "text", ("label",))


def test_same_file_as_texts_and_as_table_differ(spec, save, tmp_path):
    path = save(ENGLISH[:2], copies=30)
    text = path.read_text("utf-8").replace(" t", " ")
    path.write_text("\n".join(line.replace(" ", " x", 1) for line in text.splitlines()), "utf-8")
    one = prepare(spec(path), tmp_path / "c", 0, modality="text")
    again = prepare(spec(path), tmp_path / "d", 0, modality="text")
    assert one == again
    other = prepare(spec(path, split_text="character"), tmp_path / "c", 0, modality="text")
    assert other.fingerprint != one.fingerprint


@pytest.mark.parametrize("damage", ["absent", "half", "alien"])
def test_damaged_vocabulary_is_made_anew(spec, save, tmp_path, damage):
    path = save(ENGLISH)
    info = prepare(spec(path), tmp_path / "c", 0, modality="text")
    file = data_folder(tmp_path / "c", info.fingerprint) / "vocabulary.json"
    good = file.read_text("utf-8")
    if damage == "absent":
        file.unlink()
    else:
        file.write_text(good[:20] if damage == "half" else "[1, 2]")
    with pytest.raises(DataError, match="vocabulary is missing or damaged"):
        open_vocabulary(file.parent)
    assert prepare(spec(path), tmp_path / "c", 0, modality="text") == info
    assert file.read_text("utf-8") == good
