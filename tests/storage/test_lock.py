"""One owner of a study, named to a second one, until it ends or dies."""

import os
import socket
import subprocess
import sys

import pytest

from autotrain.errors import StudyLockedError
from autotrain.storage.lock import study_lock

OWN = """
import sys, time
from pathlib import Path
from autotrain.storage.lock import study_lock
with study_lock("digits", Path(sys.argv[1]), "sqlite:///x.db"):
    print("owned", flush=True)
    time.sleep(60)
"""
URL = "sqlite:///x.db"


@pytest.fixture
def owner(tmp_path):
    command = [sys.executable, "-c", OWN, str(tmp_path / "lock")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"owned\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_owner_is_told_the_pid_and_the_host(tmp_path, owner):
    expected = rf"'digits' is being searched by process {owner.pid} on {socket.gethostname()}"
    with (
        pytest.raises(StudyLockedError, match=expected),
        study_lock("digits", tmp_path / "lock", URL),
    ):
        pass
    with (
        pytest.raises(StudyLockedError, match=expected),
        study_lock("digits", tmp_path / "lock", URL),
    ):
        pass  # the refused one took nothing away


def test_the_lock_goes_with_its_owner(tmp_path, owner):
    owner.kill()
    owner.wait()
    with study_lock("digits", tmp_path / "lock", URL):
        pass


def test_the_lock_is_released_when_the_block_raises(tmp_path):
    for _ in range(2):
        with pytest.raises(RuntimeError), study_lock("digits", tmp_path / "new" / "lock", URL):
            raise RuntimeError
    assert not (tmp_path / "new" / "owner.json").exists()


def test_a_second_owner_in_the_same_process_is_refused(tmp_path):
    path = tmp_path / "lock"
    with study_lock("digits", path, URL):
        with (
            pytest.raises(StudyLockedError, match=f"process {os.getpid()} "),
            study_lock("d", path, URL),
        ):
            pass
        with pytest.raises(StudyLockedError), study_lock("d", path, URL):
            pass


def test_an_unreadable_owner_file_is_no_obstacle(tmp_path, owner):
    (tmp_path / "owner.json").write_text("{torn")
    with (
        pytest.raises(StudyLockedError, match="another process"),
        study_lock("digits", tmp_path / "lock", URL),
    ):
        pass


def test_two_studies_do_not_lock_one_another(tmp_path):
    with (
        study_lock("a", tmp_path / "a" / "lock", URL),
        study_lock("b", tmp_path / "b" / "lock", URL),
    ):
        pass
