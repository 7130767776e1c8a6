"""`study.yaml`: written, read back, and compared when a study goes on."""

from dataclasses import replace

import pytest
import yaml

from autotrain.data import DataInfo
from autotrain.errors import StudyChangedError, StudyError
from autotrain.space import Choice, Fixed, Float, Int, Space
from autotrain.storage.settings import (
    StudySettings,
    Teacher,
    check_unchanged,
    read_settings,
    write_settings,
)

INFO = DataInfo(
    source="/data/größe",
    modality="image",
    fingerprint="f" * 64,
    seed=3,
    validation=0.2,
    test=0.2,
    input_shape=(8, 8, 1),
    dtype="uint8",
    classes=2,
    class_names=("1e3", 'ja: "nein"'),
    sizes={"train": 60, "validation": 20, "test": 20},
    class_counts={"train": (30, 30), "validation": (10, 10), "test": (10, 10)},
)


def space(**changes):
    parameters = {
        "depth": Int(1, 4),
        "units": Int(16, 512, log=True),
        "kind": Choice(["a", None, True, 1.5, "1e-3", "no"]),
        "lr": Float(1e-7, 1e-1, log=True),
        "damping": Float(0, 1, step=0.1, when={"kind": ["a", "no"]}),
        "batch_size": Fixed(32),
        **changes.pop("parameters", {}),
    }
    return Space(parameters, changes.pop("objective", "val_accuracy"), **changes)


@pytest.fixture
def settings():
    return StudySettings(
        "größe: 1",
        space(budget={"trials": 20, "epochs": 9}),
        9,
        7,
        "asha",
        "tensorflow",
        INFO,
        first_rung=2,
        common_seed=True,
        teacher=Teacher("big", "def", (3, 0)),
        id="abc",
        about={"command": "autotrain search …", "versions": {"keras": "3.15"}},
    )


def test_round_trip(tmp_path, settings):
    path = tmp_path / "new" / "study.yaml"
    write_settings(path, settings)
    found = read_settings(path)
    assert found == settings
    assert found.space == settings.space
    check_unchanged(found, settings)
    assert [file.name for file in path.parent.iterdir()] == ["study.yaml"]  # nothing left aside


def test_settings_of_before_are_read_and_can_go_on(tmp_path, settings):
    """Data was described by `kind` and `goal` then, and by less of a table's file."""
    path = tmp_path / "study.yaml"
    write_settings(path, settings)
    raw = yaml.safe_load(path.read_text("utf-8"))
    data = raw["data"]
    data["kind"], data["goal"] = data.pop("modality"), data.pop("task")
    for name in ("header", "width", "targets"):
        del data[name]
    path.write_text(yaml.safe_dump(raw), "utf-8")
    found = read_settings(path)
    assert found == settings
    known = replace(INFO, header=False, width=5, targets=("column 1",))
    check_unchanged(found, replace(settings, data=known))


def test_round_trip_without_data(tmp_path, settings):
    plain = replace(settings, data=None, backend="function", about={}, first_rung=None)
    write_settings(tmp_path / "study.yaml", plain)
    assert read_settings(tmp_path / "study.yaml") == plain


def test_a_study_gets_an_id_when_it_is_written(tmp_path, settings):
    write_settings(tmp_path / "study.yaml", replace(settings, id=""))
    assert len(read_settings(tmp_path / "study.yaml").id) == 32


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as a study"),
        ("a: [", "cannot be read as a study"),
        ("name: x", "cannot be read as a study"),
        ("- 1", "cannot be read as a study"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, text, message):
    (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(StudyError, match=message) as caught:
        read_settings(tmp_path / "study.yaml")
    assert str(tmp_path) in str(caught.value)


def test_a_missing_study_is_named_by_its_folder(tmp_path):
    with pytest.raises(StudyError, match=f"no study at {tmp_path}"):
        read_settings(tmp_path / "study.yaml")


def test_an_unknown_key_is_refused(tmp_path, settings):
    raw = {**settings.to_dict(), "later": 1}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(raw))
    with pytest.raises(StudyError, match="later"):
        read_settings(tmp_path / "study.yaml")


CHANGES = [
    ({"epochs": 10}, r"epochs: was 9, now 10"),
    ({"seed": 8}, r"seed: was 7, now 8"),
    ({"pruner": "none"}, r"pruner: was asha, now none"),
    ({"backend": "jax"}, r"backend: was tensorflow, now jax"),
    ({"first_rung": None}, r"first_rung: was 2, now None"),
    ({"teacher": Teacher("big", "def", (3,))}, r"teacher\.trials: was \[3, 0\], now \[3\]"),
    ({"teacher": Teacher("big", "other", (3, 0))}, r"teacher\.study_id: was def, now other"),
    ({"common_seed": False}, r"common_seed: was True, now False"),
    ({"data": replace(INFO, fingerprint="e" * 64)}, r"data\.fingerprint: was f+, now e+"),
    ({"data": replace(INFO, seed=4)}, r"data\.seed: was 3, now 4"),
    ({"data": None}, r"data\.fingerprint: was f+, now absent"),
    ({"space": space(parameters={"depth": Int(1, 5)})}, r"space\.parameters\.depth.*1, 5"),
    ({"space": space(parameters={"more": Int(1, 5)})}, r"space\.parameters\.more.*was absent"),
    ({"space": space(parameters={"batch_size": 64})}, r"batch_size.*was 32, now 64"),
    ({"space": space(parameters={"kind": Choice(["a", "no", None])})}, r"kind.*was \["),
    ({"space": space(objective="val_loss")}, r"val_accuracy, now val_loss"),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_a_change_is_refused_with_the_difference(tmp_path, settings, change, message):
    write_settings(tmp_path / "study.yaml", settings)
    stored = read_settings(tmp_path / "study.yaml")
    with pytest.raises(StudyChangedError, match=message) as caught:
        check_unchanged(stored, replace(settings, **change))
    assert "--study NAME" in str(caught.value)
    changed = [line for line in str(caught.value).splitlines() if line.startswith("  ")]
    if "data" not in change and "objective" not in message and "val_loss" not in message:
        assert len(changed) == 1  # the difference, and nothing else


@pytest.mark.parametrize(
    "change",
    [
        {"space": space(budget={"trials": 999, "timeout": "2h", "epochs": 3})},
        {"space": space()},  # no budget at all
        {"space": space(budget={"trials": 20}, name="renamed", description="other words")},
        {"data": replace(INFO, source="/moved/here")},
        {"about": {"command": "another"}},
        {"id": "another"},
    ],
)
def test_what_changes_no_result_may_change(tmp_path, settings, change):
    write_settings(tmp_path / "study.yaml", settings)
    check_unchanged(read_settings(tmp_path / "study.yaml"), replace(settings, **change))


def test_a_study_without_a_budget_may_get_one(tmp_path, settings):
    bare = replace(settings, space=space())
    write_settings(tmp_path / "study.yaml", bare)
    check_unchanged(read_settings(tmp_path / "study.yaml"), settings)
