"""Files and folders are there whole or not at all."""

from __future__ import annotations

import os

import pytest

from autotrain.files import new_folder, replaced, size_of


class Interrupted(Exception):
    """What ends a writer halfway."""


def interrupted(writer):
    with writer as aside:
        (aside / "half" if aside.is_dir() else aside).write_text("half")
        raise Interrupted


def test_a_file_takes_its_name_at_the_end(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with replaced(path) as aside:
        aside.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_interrupted_leaves_the_old_one(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(Interrupted):
        interrupted(replaced(path))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_somebody_faster_stays_where_that_is_asked_for(tmp_path):
    path = tmp_path / "key"
    with replaced(path, overwrite=False) as aside:
        aside.touch(0o600)
        aside.write_text("ours")
        path.write_text("theirs")
    assert path.read_text() == "theirs"
    path.unlink()
    with replaced(path, overwrite=False) as aside:
        aside.touch(0o600)
        aside.write_text("ours")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("ours", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_takes_its_name_at_the_end(tmp_path):
    path = tmp_path / "deep" / "folder"
    with new_folder(path) as aside:
        (aside / "file").write_text("x")
        assert not path.exists()
    assert (path / "file").read_text() == "x"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_interrupted_disappears(tmp_path):
    with pytest.raises(Interrupted):
        interrupted(new_folder(tmp_path / "folder"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_not_replaced(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "theirs").touch()
    with pytest.raises(OSError, match="folder"), new_folder(path) as aside:
        (aside / "ours").touch()
    assert [file.name for file in path.iterdir()] == ["theirs"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_by_who_holds_the_lock(tmp_path):
    left = tmp_path / f".folder.{os.getpid() + 1}.tmp"
    left.mkdir()
    (left / "half").touch()
    with new_folder(tmp_path / "folder"):
        assert left.exists()  # it may be of a process that lives
    (tmp_path / "folder").rmdir()
    with new_folder(tmp_path / "folder", alone=True):
        assert not left.exists()
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_bytes(b"12345")
    (tmp_path / "two").write_bytes(b"123")
    assert size_of(tmp_path) == 8
