"""What an inspection finds: planted faults are told, and clean data is left in peace."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image

from autotrain.data.inspection import inspect_source
from autotrain.errors import DataError
from autotrain.space import DataSpec

DRAWS = np.random.default_rng(0)
_START = DRAWS.bit_generator.state


@pytest.fixture(autouse=True)
def same_numbers():
    """In every test, in whatever order they run."""
    DRAWS.bit_generator.state = _START


@pytest.fixture
def facts(tmp_path):
    """Of a table with these columns."""

    def inspect(columns, name="table.csv", task=None, **settings):
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
        return inspect_source(DataSpec(source=str(path), **settings), task)

    return inspect


def clean(n=300):
    """Two classes that two columns together tell, and neither alone."""
    a, b = DRAWS.normal(size=(2, n)).round(6)
    return {"a": a, "b": b, "target": np.where(a + b > 0, "yes", "no")}


def kinds(facts, level=None):
    return {(f.kind, f.column) for f in facts.findings if level in (None, f.level)}


def column(facts, name):
    return next(c for c in facts.columns if c.name == name)


def test_clean_data_is_left_in_peace(facts):
    found = facts(clean())
    assert kinds(found) == set()
    assert (found.task, found.targets, found.rows) == ("classification", ("target",), 300)
    assert found.parts == {"train": 192, "validation": 48, "test": 60}
    assert sum(found.classes["yes"].values()) + sum(found.classes["no"].values()) == 300
    assert [c.fate for c in found.columns] == ["number", "number", "predicted"]
    assert found.settings == {"source": found.source, "target": "target"}


@pytest.mark.parametrize("form", ["words", "numbers"])
def test_the_target_again_is_an_alarm_and_is_left_out_of_the_advice(facts, form):
    data = clean()
    yes = data["target"] == "yes"
    again = np.where(yes, "alive", "dead") if form == "words" else yes * 7 + 1
    found = facts({**data, "again": again})
    assert kinds(found, "alarm") == {("leak", "again")}
    assert found.settings["ignore"] == ["again"]
    assert "ignore: [again]  # again: leak" in found.yaml()
    assert kinds(facts({**data, "again": again}, ignore="again")) == set()


def test_a_number_that_is_the_target_in_other_units_is_an_alarm(facts):
    price = DRAWS.uniform(1, 1000, 400)
    area = price / 10 + DRAWS.normal(size=400) * 5  # tells much, as it may
    found = facts({"area": area, "in_dollars": price * 1.1, "price": price}, target="price")
    assert found.task == "regression"
    assert kinds(found, "alarm") == {("leak", "in_dollars")}
    assert ("strong feature", "area") in kinds(found, "warning")


def test_row_numbers_and_identifiers_are_told(facts):
    data = clean()
    n = len(data["a"])
    found = facts(
        {
            "row": range(5, 5 + n),
            "customer": DRAWS.permutation(n) * 7 + 1000,
            "code": [f"x{i:05}" for i in DRAWS.permutation(n)],
            **data,
        }
    )
    assert kinds(found) == {
        ("row number", "row"), ("identifier", "customer"), ("identifier", "code")
    }  # fmt: skip
    assert column(found, "code").fate == "left out: nearly all different"
    assert "customer" in found.settings["ignore"]
    assert "code" not in found.settings["ignore"]  # for it is left out anyway
    assert ("identifier", "code") in kinds(found, "note")
    assert ("identifier", "customer") in kinds(found, "warning")


def test_constant_empty_missing_and_equal_columns_are_told(facts):
    data = clean()
    n = len(data["a"])
    level = [("low", "mid", "high")[i % 3] for i in range(n)]
    found = facts(
        {
            "one": [3] * n,
            "none": [""] * n,
            "few": [i if i % 4 == 0 else "" for i in range(n)],
            "level": level,
            "rank": [{"low": 1, "mid": 2, "high": 3}[x] for x in level],
            **data,
        }
    )
    assert kinds(found) == {
        ("constant", "one"), ("empty", "none"), ("missing", "few"), ("same column", "rank")
    }  # fmt: skip
    assert column(found, "few").missing == 225
    assert column(found, "one").fate == "left out: always the same"


def test_zeros_and_codes_that_stand_for_missing_are_asked_about(facts):
    data = clean()
    pressure = DRAWS.normal(120, 10, 300).round()
    age = DRAWS.integers(18, 80, 300)
    pressure[:9], age[:4] = 0, 999
    found = facts({"pressure": pressure, "age": age, "children": age % 5, **data})
    assert kinds(found) == {("stands for missing?", "pressure"), ("stands for missing?", "age")}
    assert "9 cells are 0, and the next value is" in found.findings[0].text


def test_duplicates_are_counted_as_rows_between_parts_and_with_other_labels(facts):
    data = {name: list(values) for name, values in clean(200).items()}
    once = {name: values[:] for name, values in data.items()}
    for name in data:
        data[name] += once[name]  # each row twice
    data["a"] += [50.0] * 5
    data["b"] += [50.0] * 5
    data["target"] += ["yes", "yes", "yes", "no", "no"]
    found = facts(data)
    said = {f.kind: f.text for f in found.findings}
    assert said["duplicates"].startswith("203 rows")  # 200, and two of yes and one of no
    assert said["contradictions"].startswith("5 rows")
    assert "at least 2 of them" in said["contradictions"]
    assert {f.level for f in found.findings if f.kind == "in two parts"} == {"warning"}


def test_a_rare_class_is_told_with_what_always_saying_the_other_reaches(facts):
    data = clean(1000)
    data["target"] = np.where(np.arange(1000) < 23, "ill", "well")
    (finding,) = [f for f in facts(data).findings if f.kind == "imbalance"]
    assert finding.level == "warning"
    assert "23 of ill (2.3 % of 1,000): always saying well has accuracy 0.977" in finding.text


def test_wrong_labels_are_found_by_their_rows(facts):
    data = clean(600)
    far = np.flatnonzero(np.abs(data["a"] + data["b"]) > 1.5)[[3, 20, 40]]
    flipped = data["target"].copy()
    flipped[far] = np.where(flipped[far] == "yes", "no", "yes")
    found = facts({**data, "target": flipped})
    (finding,) = [f for f in found.findings if f.kind == "suspicious labels"]
    outside_test = [f"row {i + 1} is {flipped[i]}" for i in far]
    assert any(text in finding.text for text in outside_test)
    assert any("right about 9" in note for note in found.notes)


def test_labels_that_nothing_explains_are_not_judged(facts):
    data = clean()
    data["target"] = DRAWS.choice(["yes", "no"], 300)
    found = facts(data)
    assert "suspicious labels" not in {f.kind for f in found.findings}
    assert any("too weak" in note for note in found.notes)


def test_types_come_with_their_reason(facts):
    data = clean()
    n = len(data["a"])
    words = np.array(["the", "of", "and", "sea", "sun", "sky", "tree", "stone", "bird", "fish"])
    found = facts(
        {
            "day": [f"2024-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(n)],
            "story": [" ".join(DRAWS.choice(words, 8)) for _ in range(n)],
            "colour": [("red", "blue")[i % 2] for i in range(n)],
            **data,
        }
    )
    assert [c.kind for c in found.columns][:4] == ["date", "free text", "category", "number"]
    assert column(found, "colour").reason == "text, 2 levels: red, blue"
    assert found.modality == "tabular"  # the numbers would be lost
    assert ("free text", "story") in kinds(found)


def test_texts_are_measured_and_read_as_texts(facts):
    texts = [f"word{i} is {'good' if i % 2 else 'bad'} number {i}" for i in range(100)]
    texts[10], texts[12], texts[14] = "", "Same  text here now", "same text HERE now"
    found = facts({"review": texts, "label": [i % 2 for i in range(100)]})
    assert (found.modality, found.settings["text"]) == ("text", "review")
    assert {("empty texts", "review"), ("duplicates", "review")} <= kinds(found)
    assert found.measures["characters of a text"].startswith("0 to ")


def test_what_a_search_refuses_is_an_alarm_and_the_rest_is_told(facts):
    data = clean(100)
    data["target"][0] = "no"
    data["target"] = [*data["target"][:-1], "q"]
    found = facts(data)
    assert kinds(found, "alarm") == {("refused", "")}
    assert "'q' has 1" in found.findings[0].text
    assert len(found.columns) == 3


def test_without_a_target_the_columns_are_told(facts):
    found = facts({"a": range(50), "b": [i % 3 for i in range(50)]})
    assert found.task == ""
    assert ("refused", "") in kinds(found, "warning")
    assert "--target" in next(f.text for f in found.findings if f.kind == "refused")
    assert ("row number", "a") in kinds(found)


def test_many_whole_numbers_are_measurements_unless_the_task_is_said(facts):
    data = {**clean(), "target": np.arange(300) % 30}
    assert facts(data).task == "regression"
    assert facts(data, task="classification").task == "classification"


def test_what_is_not_there_is_an_error():
    with pytest.raises(DataError, match="no data called"):
        inspect_source(DataSpec(source="nowhere.csv"))


def test_arrays_are_looked_at_too(npz):
    x = DRAWS.normal(size=(200, 3))
    y = (x[:, 0] > 0).astype(int)
    found = inspect_source(DataSpec(source=str(npz(x=x, y=y))))
    assert kinds(found, "alarm") == {("leak", "column 1")}
    assert found.rows == 200
    images = np.repeat(DRAWS.integers(0, 256, (20, 4, 4, 3)).astype(np.uint8), 2, axis=0)
    found = inspect_source(DataSpec(source=str(npz(x=images, y=np.arange(40) // 2 % 2))))
    assert found.measures["sizes"] == "4x4"
    assert "20 images (50 %) come again" in {f.text for f in found.findings}


@pytest.fixture
def folder(tmp_path):
    """Two classes of 20 images."""
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        for i in range(20):
            pixels = DRAWS.integers(0, 256, (6, 6, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / label / f"{i:02}.png")
    return tmp_path / "pets"


def test_image_files_are_told_by_name(folder):
    (folder / "dog" / "19.png").write_bytes((folder / "cat" / "03.png").read_bytes())
    (folder / "dog" / "18.png").write_bytes(b"this is a text")
    found = inspect_source(DataSpec(source=str(folder)))
    said = {f.kind: f.text for f in found.findings}
    assert "dog/18.png" in said["damaged"]
    assert "1 file cannot be read" in said["damaged"]
    assert "18.png" in said["refused"]
    assert said["duplicates"].endswith("cat/03.png = dog/19.png")
    assert said["contradictions"].startswith("1 image in two classes")
    assert found.measures["files"] == "40, of which 1 cannot be read"
    assert found.measures["bits"] == "8 bits"


def test_a_class_that_the_size_of_its_images_tells_is_an_alarm(tmp_path):
    for label, side in (("cat", 6), ("dog", 8)):
        (tmp_path / label).mkdir()
        for i in range(60):
            pixels = DRAWS.integers(0, 256, (side, side)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / label / f"{i:02}.png")
    found = inspect_source(DataSpec(source=str(tmp_path)))
    assert ("leak", "width of the image") in kinds(found, "alarm")
    assert ("sizes", "") in kinds(found)
    assert found.measures["channels"] == "gray"


def test_bits_that_are_used_are_told(tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for i in range(6):
            pixels = DRAWS.integers(0, 4096, (5, 5)).astype(np.uint16)
            pixels[0, 0] = 4095
            Image.fromarray(pixels).save(tmp_path / label / f"{i}.png")
    found = inspect_source(DataSpec(source=str(tmp_path)))
    assert "12 images of more than 8 bits, of which 12 are used" in {f.text for f in found.findings}


def test_real_columns_that_are_the_target_again_are_found(shared_data):
    source = str(shared_data / "tabular" / "titanic.csv")
    found = inspect_source(DataSpec(source=source, target="survived"))
    assert kinds(found, "alarm") == {("leak", "alive")}
    assert ("same column", "class") in kinds(found)


def test_cells_that_are_infinite_are_an_alarm(facts):
    data = clean()
    data["a"] = [str(value) for value in data["a"]]
    data["a"][5] = "inf"
    found = facts({**data, "far": ["1e999"] * 300}, target="target")
    assert ("infinite", "a") in kinds(found, "alarm")
    assert ("refused", "") in kinds(found, "alarm")
    assert column(found, "far").reason == "all cells are inf"
