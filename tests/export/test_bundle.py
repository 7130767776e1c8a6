"""Which models are opened: ours, whole, and nothing that leads elsewhere."""

from __future__ import annotations

import io
import json
import shutil
import sys
import tarfile
import zipfile

import numpy as np
import pytest

from autotrain.api.predict import write_predictions
from autotrain.errors import ConfigurationError
from autotrain.export import archive as archives
from autotrain.export.bundle import new_folder, opened, write_manifest


@pytest.fixture
def model(exported, tmp_path):
    folder, _ = exported("images", "onnx")
    shutil.copytree(folder, tmp_path / "model")
    return tmp_path / "model"


def refused(path, match, trust=False):
    with pytest.raises(ConfigurationError, match=match), opened(path, trust):
        pass


def test_our_own_is_opened(model):
    with opened(model) as found:
        assert found.classes == [str(i) for i in range(10)]


def test_an_altered_card_is_refused(model):
    (model / "card.json").write_text((model / "card.json").read_text().replace("digits", "digitz"))
    refused(model, "SHA-256 differs")


def test_a_missing_file_is_named(model):
    (model / "inputs.json").unlink()
    refused(model, "inputs.json is missing")


@pytest.mark.parametrize("name", ["card.json", "inputs.json", "model.onnx"])
def test_a_file_that_the_manifest_does_not_name_is_not_read(model, name):
    files = json.loads((model / "manifest.json").read_text())["files"]
    del files[name]
    (model / "manifest.json").write_text(json.dumps({"files": files}))
    refused(model, f"{name} is not named in the manifest", trust=True)


def test_a_link_is_no_file_of_it(model, tmp_path):
    (model / "model.onnx").rename(tmp_path / "elsewhere")
    (model / "model.onnx").symlink_to(tmp_path / "elsewhere")
    refused(model, "is not a file of")


def test_a_foreign_model_needs_trust(model, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "somebody else"))
    refused(model, "--trust")
    with opened(model, trust=True) as found:
        assert found.card["format"] == "onnx"


def test_a_manifest_written_again_is_foreign(model):
    text = json.loads((model / "manifest.json").read_text())
    (model / "manifest.json").write_text(json.dumps(text))
    refused(model, "--trust")


def test_a_model_of_before_answers_as_it_did(exported, model, tmp_path):
    """Until then what is read was called `kind`, what is predicted `goal`, and `task` was words."""
    new = json.loads((model / "card.json").read_text())
    task, modality = new.pop("task"), new.pop("modality")
    old = {**new, "task": f"{task} of {modality} data", "goal": task}
    del old["answer"]
    (model / "card.json").write_text(json.dumps(old))
    inputs = json.loads((model / "inputs.json").read_text())
    inputs["kind"] = inputs.pop("modality")
    (model / "inputs.json").write_text(json.dumps(inputs))
    write_manifest(model)
    images = np.random.default_rng(0).integers(0, 255, (5, 8, 8, 1)).astype("uint8")
    np.save(tmp_path / "images.npy", images)
    for folder, out in ((model, "old.csv"), (exported("images", "onnx")[0], "new.csv")):
        write_predictions(folder, tmp_path / "images.npy", tmp_path / out)
    assert (tmp_path / "old.csv").read_text() == (tmp_path / "new.csv").read_text()


def test_what_is_no_export_is_told_how_to_become_one(tmp_path):
    (tmp_path / "plain").mkdir()
    refused(tmp_path / "plain", "autotrain export STUDY")
    refused(tmp_path / "nowhere", "autotrain export STUDY")


def test_a_missing_runtime_is_named_with_its_extra(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    refused(model, r"pip install 'autotrain\[onnx\]'")


def test_an_h5_file_is_refused_even_with_trust(tmp_path):
    (tmp_path / "model.h5").write_bytes(b"x")
    refused(tmp_path / "model.h5", "can hold code", trust=True)


def test_a_lambda_layer_is_refused_even_with_trust(model):
    keras = pytest.importorskip("keras")
    keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Lambda(lambda x: x)]).save(
        model / "model.keras"
    )
    (model / "model.onnx").unlink()
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps({**card, "format": "keras"}))
    write_manifest(model)
    refused(model, "cannot be used", trust=True)


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_an_archive_of_it_is_opened_and_leaves_nothing(model, tmp_path, kind):
    packed = shutil.make_archive(str(tmp_path / "packed"), kind, model.parent, model.name)
    from pathlib import Path

    with opened(Path(packed)) as found:
        folder = found.folder
        assert found.classes
    assert not folder.exists()


def zipped(path, items):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in items:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a\\x", "C:x"])
def test_a_path_that_leads_elsewhere_is_refused(tmp_path, name):
    refused(zipped(tmp_path / "a.zip", [(name, "x")]), "leads elsewhere")


def test_links_and_devices_are_refused(tmp_path):
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        with tarfile.open(tmp_path / "a.tar", "w") as archive:
            item = tarfile.TarInfo("link")
            item.type, item.linkname = kind, "/etc/passwd"
            archive.addfile(item)
        refused(tmp_path / "a.tar", "a link or a device")
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    refused(zipped(tmp_path / "a.zip", [(link, "/etc/passwd")]), "a link or a device")


def test_bombs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_RATIO", 5)
    refused(zipped(tmp_path / "a.zip", [("zeros", b"0" * (8 << 20))]), "unpacks to more")
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    refused(zipped(tmp_path / "b.zip", [(f"f{i}", "x") for i in range(5)]), "more than 3 files")
    refused(zipped(tmp_path / "c.zip", [("a", "x"), ("A", "y")]), "one twice")


def test_a_torn_archive_is_one_message(tmp_path):
    whole = zipped(tmp_path / "a.zip", [("a", "x" * 1000)]).read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "b.zip", "cannot be unpacked")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        item = tarfile.TarInfo("a")
        item.size = 100_000
        archive.addfile(item, io.BytesIO(bytes(range(256)) * 400))
    (tmp_path / "c.tar.gz").write_bytes(buffer.getvalue()[:200])
    refused(tmp_path / "c.tar.gz", "cannot be unpacked")


def half_written(folder):
    with new_folder(folder) as aside:
        (aside / "half").write_text("x")
        raise ValueError("no")


def test_a_folder_that_failed_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="no"):
        half_written(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "there").mkdir()
    with pytest.raises(ConfigurationError, match="there already"), new_folder(tmp_path / "there"):
        pass
