"""What is written down: curves, values, configurations, and what is cleaned up."""

import json

import optuna
import pytest
import yaml

from autotrain.errors import StudyError
from autotrain.space import Choice, Float, Int, Space
from autotrain.storage.metrics_csv import append_epoch, mend, read_epochs
from autotrain.storage.recorder import KEEP_WEIGHTS
from autotrain.trial import Decision, Epoch


def record(epoch, seconds=0.25, **metrics):
    return Epoch(epoch, metrics, seconds)


def test_curve_round_trip_is_exact(tmp_path):
    path = tmp_path / "metrics.csv"
    written = [record(n, val_accuracy=1 / 3 / n, **{'bézier, "x"': 1e-300 * n}) for n in (1, 2, 3)]
    for one in written:
        append_epoch(path, one)
    assert read_epochs(path) == tuple(written)
    assert path.read_bytes().count(b"val_accuracy") == 1


def test_missing_or_empty_curve_is_no_epochs(tmp_path):
    assert read_epochs(tmp_path / "metrics.csv") == ()
    (tmp_path / "metrics.csv").write_text("")
    assert read_epochs(tmp_path / "metrics.csv") == ()


def test_curve_torn_at_any_byte_keeps_its_whole_lines(tmp_path):
    path = tmp_path / "metrics.csv"
    for n in (1, 2, 3):
        append_epoch(path, record(n, val_accuracy=n / 7))
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        kept = max(0, whole[:size].count(b"\n") - 1)
        assert len(read_epochs(path)) == kept
        mend(path)
        append_epoch(path, record(kept + 1, val_accuracy=0.5))
        assert [r.epoch for r in read_epochs(path)] == list(range(1, kept + 2))
        assert read_epochs(path)[-1].metrics == {"val_accuracy": 0.5}


def test_metrics_may_come_and_go(tmp_path):
    path = tmp_path / "metrics.csv"
    written = [
        record(1, a=1.0),
        record(2, b=2.0, a=3.0),
        record(3, b=4.0),
        record(4, a=5.0, c=6.0),
    ]
    for one in written:
        append_epoch(path, one)
    assert read_epochs(path) == tuple(written)


def test_every_epoch_is_recorded_in_file_and_storage(disk_lab, tools):
    session = disk_lab.set(pruner="asha").search(6)
    for frozen in disk_lab.stored():
        entry = session.trials[frozen.number]
        curve = {
            epoch: tools.accuracy(entry.params, epoch) for epoch in range(1, entry.last_epoch + 1)
        }
        assert frozen.intermediate_values == curve
        read = read_epochs(disk_lab.paths.trial(frozen.number).metrics)
        assert {r.epoch: r.metrics["val_accuracy"] for r in read} == curve
        assert [r.seconds for r in read] == [0.5] * len(curve)


def test_value_is_the_metric_at_the_best_epoch(disk_lab, tools):
    session = disk_lab.open(1)
    entry = session.take()
    tools.report(session, entry, [0.1, 0.7, 0.7, 0.3])
    session.on_completed(0)
    frozen = disk_lab.stored()[0]
    assert frozen.value == 0.7
    assert frozen.user_attrs["best_epoch"] == 2
    assert frozen.user_attrs["seconds"] == 2.0
    trial = disk_lab.study().best_trial
    assert (trial.value, trial.last_epoch, trial.best_epoch) == (0.7, 4, 2)


def test_value_of_a_minimized_metric_is_the_lowest(disk_lab, tools):
    disk_lab.set(space=tools.conditional_space("val_loss", "minimize"))
    session = disk_lab.open(1)
    tools.report(session, session.take(), [0.5, 0.2, 0.4])
    assert disk_lab.study().trials[0].value == 0.2  # while it runs
    session.on_completed(0)
    assert disk_lab.stored()[0].value == 0.2


def test_epochs_trained_again_are_not_recorded_twice(disk_lab, tools):
    session = disk_lab.open(1)
    entry = session.take()
    tools.report(session, entry, [0.1, 0.2, 0.3])
    again = disk_lab.open(1)
    entry = again.take()
    for epoch, value in enumerate([0.1, 0.2, 0.3, 0.4], start=1):
        assert again.report(0, record(epoch, 0.5, val_accuracy=value)) is Decision.CONTINUE
    again.on_completed(0)
    assert [r.epoch for r in read_epochs(disk_lab.paths.trial(0).metrics)] == [1, 2, 3, 4]
    assert disk_lab.stored()[0].intermediate_values == {1: 0.1, 2: 0.2, 3: 0.3, 4: 0.4}
    assert again.train_seconds == 0.5


def test_torn_curve_is_mended_on_resume(disk_lab, tools):
    session = disk_lab.open(1)
    tools.report(session, session.take(), [0.1, 0.2, 0.3])
    path = disk_lab.paths.trial(0).metrics
    path.write_bytes(path.read_bytes()[:-4])
    again = disk_lab.open(1)
    entry = again.take()
    assert entry.last_epoch == 2
    again.report(0, record(3, 0.5, val_accuracy=0.3))
    assert [r.metrics["val_accuracy"] for r in read_epochs(path)] == [0.1, 0.2, 0.3]


def test_configuration_of_a_trial_is_complete(lab):
    session = lab.open(1, threads=3)
    entry = session.take()
    config = yaml.safe_load(lab.paths.trial(0).config.read_text("utf-8"))
    assert config["params"] == entry.params
    assert config["seed"] == session.seed(0)
    assert (config["epochs"], config["threads"], config["trial"]) == (9, 3, 0)
    assert config["objective"] == [{"metric": "val_accuracy", "direction": "maximize"}]


def test_plain_optuna_reads_the_study(disk_lab, tools):
    session = disk_lab.set(pruner="asha").search(7)
    study = optuna.load_study(study_name="lab", storage=disk_lab.url)
    assert study.direction.name == "MAXIMIZE"
    assert study.best_value == session.best().values[0]
    assert study.metric_names == ["val_accuracy"]
    params = dict(session.best().params)
    params.pop("batch_size")
    params.pop("note", None)
    assert study.best_params == params


def test_only_the_best_keep_their_weights(lab, tools):
    count = KEEP_WEIGHTS + 8
    session = lab.set(epochs=1).open(count)
    order = [5, 17, 0, 3, 9, 11, 2, 14, 7, 1, 16, 4, 6, 8, 10, 12, 13, 15]
    for value in order:
        entry = session.take()
        tools.report(session, entry, [value / 100])
        lab.paths.trial(entry.number).weights.write_text("w")
        lab.paths.trial(entry.number).checkpoint.write_text("c")
        session.on_completed(entry.number)
    kept = {n for n in range(count) if lab.paths.trial(n).weights.exists()}
    assert {order[n] for n in kept} == set(range(count - KEEP_WEIGHTS, count))
    assert not any(lab.paths.trial(n).checkpoint.exists() for n in range(count))


def test_pruned_and_failed_trials_keep_neither_weights_nor_checkpoint(lab, tools):
    session = lab.set(pruner="asha").open(2)
    for _ in range(2):
        entry = session.take()
        tools.report(session, entry, [0.5])
        for file in (
            lab.paths.trial(entry.number).checkpoint,
            lab.paths.trial(entry.number).weights,
        ):
            file.write_text("x")
    session.on_paused(0)
    assert lab.paths.trial(0).checkpoint.exists()  # paused: it may go on
    session.on_failed(1, "broke")
    assert not lab.paths.trial(1).checkpoint.exists()
    assert not lab.paths.trial(1).weights.exists()
    session.on_stopped(0)
    assert not lab.paths.trial(0).checkpoint.exists()
    assert not lab.paths.trial(0).weights.exists()
    assert lab.paths.trial(0).metrics.exists()


# Several objectives.


def two_objectives():
    space = {"x": Float(0, 1), "n": Int(1, 9), "kind": Choice(["a", "b"])}
    return Space(space, ["val_accuracy", "latency"])


def costs(params, epoch):
    return {
        "val_accuracy": params["x"] * (1 - 0.5**epoch),
        "latency": params["x"] * 10 + params["n"],
    }


@pytest.mark.parametrize("pruner", ["none", "asha", "median"])
def test_several_objectives(disk_lab, tools, pruner):
    session = disk_lab.set(space=two_objectives(), pruner=pruner, epochs=4).search(16, costs)
    stored = disk_lab.stored()
    assert all(not trial.intermediate_values for trial in stored)
    assert all(read_epochs(disk_lab.paths.trial(t.number).metrics) for t in stored)
    study = optuna.load_study(study_name="lab", storage=disk_lab.url)
    assert [d.name for d in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    front = {t.number for t in disk_lab.study().best_trials}
    assert front == {t.number for t in study.best_trials if t.state.name == "COMPLETE"}
    assert all(len(trial.values) == 2 for trial in stored)
    if pruner == "asha":
        assert {"COMPLETE", "PRUNED"} == set(tools.states(session))


def test_several_objectives_with_paused_trials_only(lab, tools):
    """TPE is shown paused trials as PRUNED; with several objectives those need values too."""
    session = lab.set(space=two_objectives(), pruner="asha", epochs=27).open(60)
    entries = [session.take() for _ in range(30)]
    for entry in entries:
        for epoch in (1, 2, 3):
            verdict = session.report(entry.number, record(epoch, **costs(entry.params, epoch)))
        if verdict is Decision.PAUSE:
            session.on_paused(entry.number)
    promoted = {session.take().number for _ in range(12)}
    assert max(promoted) >= 30  # the last ones are new proposals


def test_pareto_front_of_known_points(disk_lab):
    session = disk_lab.set(space=two_objectives(), epochs=1).open(5)
    points = [(0.5, 5.0), (0.9, 9.0), (0.5, 6.0), (0.4, 5.0), (0.5, 5.0)]
    for accuracy, latency in points:
        entry = session.take()
        session.report(entry.number, record(1, val_accuracy=accuracy, latency=latency))
        session.on_completed(entry.number)
    assert [t.number for t in disk_lab.study().best_trials] == [0, 1, 4]
    assert disk_lab.study().best_trial.number == 1
    assert [t.number for t in disk_lab.study().best_trials] == [
        t.number for t in optuna.load_study(study_name="lab", storage=disk_lab.url).best_trials
    ]


def test_values_of_several_objectives_come_from_one_epoch(lab):
    session = lab.set(space=two_objectives()).open(1)
    entry = session.take()
    for epoch, (a, b) in enumerate([(0.1, 1.0), (0.9, 7.0), (0.5, 0.5)], start=1):
        session.report(0, record(epoch, val_accuracy=a, latency=b))
    session.on_completed(0)
    assert lab.stored()[0].values == [0.9, 7.0]
    assert session.trials[entry.number].best_epoch == 2


# Names.


@pytest.mark.parametrize(
    "name",
    ["größe-研究", "a/b\\c:d?*", "..", "x" * 300, "é" * 200, "spaces and 'quotes' \"%s\"", "🙂"],
)
def test_any_study_name_works_and_resumes(disk_lab, tools, name):
    disk_lab.set(name=name).search(2)
    session = disk_lab.search(3)
    assert len(session.trials) == 3
    assert [trial.number for trial in disk_lab.study().trials] == [0, 1, 2]
    assert disk_lab.paths.root.parent == disk_lab.folder
    assert optuna.get_all_study_names(disk_lab.url) == [name]


def test_several_studies_share_a_database(new_lab, tools):
    first = new_lab(disk=True, name="one").set(id="1")
    second = new_lab(disk=True, name="two").set(id="2")
    second.url = first.url
    a, b = first.open(3), second.open(3)
    for session in (a, b, b, a, b, a):
        entry = session.take()
        tools.report(session, entry, [0.5] * 9)
        session.on_completed(entry.number)
    assert tools.states(a) == tools.states(b) == ["COMPLETE"] * 3
    assert [len(first.stored()), len(second.stored())] == [3, 3]
    assert tools.params(a) == tools.params(b)


def test_a_name_that_is_taken_in_the_storage_is_refused(disk_lab):
    disk_lab.search(1)
    with pytest.raises(StudyError, match=r"another study named 'lab'.*--study"):
        disk_lab.set(id="another").open(1)


def test_a_study_that_others_made_with_optuna_is_refused(disk_lab):
    study = optuna.create_study(study_name="lab", storage=disk_lab.url, direction="maximize")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    with pytest.raises(StudyError, match="another study named 'lab'"):
        disk_lab.open(1)


def test_attributes_are_plain_json(disk_lab):
    disk_lab.set(pruner="asha").search(5)
    for trial in disk_lab.stored():
        assert json.loads(json.dumps(trial.user_attrs)) == trial.user_attrs
