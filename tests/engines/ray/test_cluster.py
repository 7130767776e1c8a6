"""What is Ray's alone: finding a cluster, the line to workers, data and checkpoints on other nodes."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import threading
from multiprocessing import AuthenticationError
from pathlib import Path

import numpy as np
import pytest
from ray.tune.search import Searcher

import autotrain
from autotrain.api.options import SearchOptions, checked
from autotrain.engines.keras_trainable import KerasTrainable
from autotrain.engines.ray import worker as ray_worker
from autotrain.engines.ray.cluster import Cluster, RayOptions, connected
from autotrain.engines.ray.launcher import _End, _Losses, _Tickets
from autotrain.engines.ray.transport import Exchange, dial, hang_up
from autotrain.errors import ConfigurationError
from autotrain.paths import Workspace, shared_folder
from autotrain.training.checkpoint import fork_checkpoint, read_checkpoint, write_checkpoint


def load(tmp_path):
    return autotrain.load_study("quick", tmp_path / "runs")


# Finding a cluster.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"address": "somewhere"}, "--address is auto or HOST:PORT, got 'somewhere'"),
        ({"address": "127.0.0.1:http"}, "--address is auto or HOST:PORT"),
        ({"address": "127.0.0.1:1"}, "no Ray cluster answers at 127.0.0.1:1: .*refused"),
        ({"cpus_per_trial": 0}, "--cpus-per-trial must be at least 1, got 0"),
        ({"gpus_per_trial": 1.5}, "a part of one GPU, as 0.5, or a whole number, got 1.5"),
        ({"gpus_per_trial": -1}, "got -1"),
    ],
)
def test_impossible_options_are_refused_before_anything_starts(options, message):
    with pytest.raises(ConfigurationError, match=message), connected(RayOptions(**options)):
        pass


def test_a_client_address_is_answered_with_the_line_that_works(monkeypatch):
    words = ["autotrain", "search", "--space", "cifar_cnn", "--engine", "ray"]
    monkeypatch.setattr("sys.argv", [*words, "--address", "ray://head:10001"])
    with pytest.raises(ConfigurationError) as error, connected(RayOptions("ray://head:10001")):
        pass
    assert (
        "ray job submit --address http://head:8265 --working-dir . -- "
        "autotrain search --space cifar_cnn --engine ray --address auto" in str(error.value)
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "ray", "workers": 0}, "--workers 0 runs in this process"),
        ({"engine": "ray", "gpus": "none"}, "--gpus is for --engine local"),
        ({"engine": "ray", "trials_per_gpu": 2}, "--trials-per-gpu is for --engine local"),
        ({"address": "auto"}, "--address is for --engine ray"),
        ({"gpus_per_trial": 0.5}, "--gpus-per-trial is for --engine ray"),
        ({"storage_path": "/shared"}, "--storage-path is for --engine ray"),
        ({"engine": "slurm"}, "--engine must be one of local, ray, got 'slurm'"),
        ({"max_retries": -1}, "--max-retries must be a whole number of at least 0, got -1"),
    ],
)
def test_options_of_the_other_engine_are_not_ignored(options, message):
    with pytest.raises(ConfigurationError, match=message):
        checked(SearchOptions(**options))


def places(nodes, workers=None, trials=100, **options):
    return Cluster(tuple(nodes), "127.0.0.1").slots(RayOptions(**options), workers, trials)


def test_places_are_as_many_as_fit():
    two, four = {"CPU": 2.0}, {"CPU": 4.0, "GPU": 1.0}
    shared = {"storage_path": "/shared"}
    assert len(places([two])) == 2
    assert len(places([two, four], **shared)) == 6
    assert len(places([two, four], cpus_per_trial=2, **shared)) == 3
    assert len(places([two, four], trials=3, **shared)) == 3
    assert len(places([two, four], gpus_per_trial=0.5, **shared)) == 2
    assert [slot.threads for slot in places([four], workers=2)] == [2, 2]
    assert places([four], gpus_per_trial=0.25)[0].share == 4


def test_too_few_resources_for_one_trial():
    message = r"no node has room for one trial \(--cpus-per-trial 8\), they have: 2 CPU, 0 GPU"
    with pytest.raises(ConfigurationError, match=message):
        places([{"CPU": 2.0}], cpus_per_trial=8)
    with pytest.raises(ConfigurationError, match=r"--gpus-per-trial 0\.5"):
        places([{"CPU": 2.0}], gpus_per_trial=0.5)


def test_several_nodes_need_a_shared_folder():
    with pytest.raises(
        ConfigurationError, match=r"2 nodes: name a folder or URI .* --storage-path"
    ):
        places([{"CPU": 2.0}, {"CPU": 2.0}])


def test_a_cluster_started_here_is_closed_to_others(script):
    output = script("""
        import os, psutil, stat
        from autotrain.engines.ray.cluster import RayOptions, connected
        def main():
            with connected(RayOptions()) as cluster:
                token = os.environ["RAY_AUTH_TOKEN_PATH"]
                print("mode", oct(stat.S_IMODE(os.stat(token).st_mode)), os.environ["RAY_AUTH_MODE"])
                for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
                    for connection in process.net_connections("inet"):
                        if connection.status == psutil.CONN_LISTEN:
                            print("listens", connection.laddr.ip)
            print("gone", not os.path.exists(token), os.environ.get("RAY_AUTH_TOKEN_PATH") == before)
        before = os.environ.get("RAY_AUTH_TOKEN_PATH")
        main()
    """).run()
    assert "mode 0o600 token" in output
    listens = {line.split()[1] for line in output.splitlines() if line.startswith("listens")}
    assert listens <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}
    assert listens
    assert "gone True True" in output


# The line.


@pytest.fixture
def exchange():
    joined: list[tuple[str, str]] = []
    ends = []
    came = threading.Condition()

    def join(ticket, purpose, end):
        with came:
            joined.append((ticket, purpose))
            ends.append(end)
            came.notify_all()

    opened = Exchange("127.0.0.1", b"secret", join)
    opened.seen = lambda count: came.wait_for(lambda: len(joined) >= count, 10)
    opened.joined, opened.ends, opened.came = joined, ends, came
    yield opened
    opened.close()


def test_a_worker_with_the_key_joins_and_talks(exchange):
    worker = dial(exchange.address, b"secret", "ticket-1", "talk")
    with exchange.came:
        assert exchange.seen(1)
    assert exchange.joined == [("ticket-1", "talk")]
    worker.send({"epoch": 1})
    assert exchange.ends[0].recv() == {"epoch": 1}
    hang_up(worker)
    with pytest.raises(EOFError):
        exchange.ends[0].recv()


def test_without_the_key_nobody_joins(exchange):
    with pytest.raises((AuthenticationError, EOFError, OSError)):
        dial(exchange.address, b"guess", "ticket-1", "talk")
    assert exchange.joined == []


def test_who_says_nothing_keeps_nobody_waiting(exchange):
    silent = [socket.create_connection(exchange.address) for _ in range(5)]
    dial(exchange.address, b"secret", "ticket-2", "talk")
    with exchange.came:
        assert exchange.seen(1)
    for connection in silent:
        connection.close()


def test_what_tune_pickles_holds_nothing_of_ours():
    lock = threading.Lock()  # which cannot be pickled
    for thing in (_Tickets(lock.locked), _End(lock.locked), _Losses(lock.acquire)):
        assert type(pickle.loads(pickle.dumps(thing))) is type(thing)
    assert pickle.loads(pickle.dumps(_Tickets(lock.locked))).suggest("1") == Searcher.FINISHED


# Other nodes.


def test_data_is_written_once_on_a_node_that_does_not_see_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    asked = []

    def get(reference):
        asked.append(reference)
        return np.frombuffer(reference.encode(), "uint8")

    monkeypatch.setattr(ray_worker.ray, "get", get)
    files = {"x_train.npy": "abc", "info.json": "{}"}
    folder = ray_worker._fetched("f1", files)
    assert ray_worker._fetched("f1", files) == folder
    assert asked == ["abc", "{}"]
    assert {p.name: p.read_text() for p in folder.iterdir()} == files


def test_a_teachers_outputs_are_written_on_a_node_that_does_not_see_them(tmp_path, monkeypatch):
    monkeypatch.setattr(ray_worker.ray, "get", lambda reference: reference.encode())
    plan = ray_worker.Plan(("127.0.0.1", 1), b"", {}, True, 0.0, {}, teacher="outputs")
    teacher = tmp_path / "elsewhere" / "teacher.npy"
    setup = KerasTrainable(None, 3, tmp_path, None, teacher)
    found = ray_worker._at_home(setup, plan, tmp_path)
    assert found.teacher == tmp_path / "teacher.npy"
    assert found.teacher.read_text() == "outputs"
    setup.teacher.parent.mkdir()
    setup.teacher.touch()
    assert ray_worker._at_home(setup, plan, tmp_path) == setup


@pytest.mark.parametrize("form", ["{}", "local://{}"])
def test_checkpoints_in_a_shared_folder_or_behind_a_uri(tmp_path, form):
    place = form.format(tmp_path / "shared")
    paths = Workspace(tmp_path / "runs").study("a study", place).trial(3)
    assert paths.config.parent == tmp_path / "runs" / "a study" / "trials" / "3"
    assert not paths.checkpoint.exists()
    arrays = [np.arange(3.0)]
    write_checkpoint(paths.checkpoint, {"epoch": 2, "seed": 0}, {"state": arrays, "best": []})
    far = pickle.loads(pickle.dumps(paths.checkpoint))  # as it travels to a worker
    assert far.exists()
    record, groups = read_checkpoint(far)
    assert record["epoch"] == 2
    np.testing.assert_array_equal(groups["state"][0], arrays[0])
    target = Workspace(tmp_path / "runs").study("a study", place).trial(4).checkpoint
    fork_checkpoint(far, target, {"lr": 0.1}, 7)
    assert read_checkpoint(target)[0] == {
        "epoch": 2, "seed": 7, "params": {"lr": 0.1}, "best_value": None, "best_epoch": 2
    }  # fmt: skip
    far.unlink(missing_ok=True)
    far.unlink(missing_ok=True)
    assert not far.exists()
    assert (tmp_path / "shared" / "a study" / "trials" / "4" / "checkpoint").exists()


def test_a_uri_that_nothing_reads_is_refused():
    with pytest.raises(ConfigurationError, match="--storage-path nosuch://x cannot be used"):
        shared_folder("nosuch://x")


# The driver's end.

SLOW = "search(slow, engine='ray', trials=6, pruner='none')"


@pytest.mark.slow
def test_a_killed_driver_leaves_a_study_that_the_same_call_completes(script, tmp_path, wait_until):
    process = script(SLOW).start()
    wait_until(lambda: (tmp_path / "started").exists())
    wait_until(lambda: any((tmp_path / "runs").glob("quick/trials/*/metrics.csv")))
    process.kill()
    process.wait()
    script("search(engine='ray', trials=6, pruner='none')").run()
    assert [t.status for t in load(tmp_path).trials] == ["COMPLETE"] * 6


@pytest.mark.slow
def test_ctrl_c_once_checkpoints_and_the_same_call_resumes(script, tmp_path, wait_until):
    process = script(SLOW).start()
    wait_until(lambda: any((tmp_path / "runs").glob("quick/trials/*/metrics.csv")))
    os.kill(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "stopping: running trials finish their epoch" in output
    assert "RUNNING" in [t.status for t in load(tmp_path).trials]
    script("search(engine='ray', trials=6, pruner='none')").run()
    assert [t.status for t in load(tmp_path).trials] == ["COMPLETE"] * 6


@pytest.mark.slow
def test_a_killed_node_costs_its_segments_only(tmp_path):
    """The example of two nodes, one of which is killed half-way."""
    example = Path(__file__).parents[2] / "examples" / "ray_cluster" / "two_nodes.py"
    words = [os.sys.executable, str(example), str(tmp_path), "--kill-a-node"]
    answer = subprocess.run(words, capture_output=True, text=True, timeout=280)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    study = autotrain.load_study("cifar_cnn-digits", tmp_path / "driver" / "runs")
    assert len(study.trials) == 12
    assert {t.status for t in study.trials} == {"COMPLETE", "PRUNED"}
    assert "killed node" in answer.stdout
