"""A search that is killed, wherever it stands, proposes and decides what the uninterrupted would."""

import importlib.util

import optuna
import pytest

from autotrain.trial import TrialStatus

SAMPLERS = ["tpe", "random", "qmc", "cmaes"]


@pytest.fixture(params=SAMPLERS)
def sampler(request):
    if request.param == "cmaes" and importlib.util.find_spec("cmaes") is None:
        pytest.skip("the sampler cmaes needs cmaes, which is not installed")
    return request.param


def facts(session, tools):
    epochs = [len(session.trials[n].epochs) for n in sorted(session.trials)]
    return list(
        zip(
            tools.params(session), tools.states(session), tools.values(session), epochs, strict=True
        )
    )


@pytest.mark.parametrize("pruner", ["asha", "median"])
def test_killed_after_six_of_sixteen(new_lab, tools, sampler, pruner):
    whole = new_lab(pruner=pruner).search(16, sampler=sampler)
    lab = new_lab(disk=pruner == "asha", pruner=pruner)
    session = lab.open(16, sampler=sampler)

    def crash(event):
        if event == "trained" and len(session.trials) == 6:
            raise tools.Killed

    with pytest.raises(tools.Killed):
        tools.drive(session, crash=crash)
    assert facts(lab.search(16, sampler=sampler), tools) == facts(whole, tools)


@pytest.mark.parametrize("n", [1, 2, 3, 9, 27, 58, 71, 90, 104])
def test_killed_at_any_event(new_lab, tools, n):
    whole = new_lab(pruner="asha").search(16)
    lab = new_lab(pruner="asha")
    with pytest.raises(tools.Killed):
        lab.search(16, crash=tools.CrashAt(n))
    assert facts(lab.search(16), tools) == facts(whole, tools)


@pytest.mark.parametrize("event", ["asked", "trained", "reported", "saved", "told"])
@pytest.mark.parametrize("pruner", ["asha", "hyperband", "median", "none"])
def test_killed_again_and_again_at_one_kind_of_event(new_lab, tools, event, pruner):
    if event == "saved" and pruner in ("median", "none"):
        pytest.skip(f"{pruner} pauses nothing, so no checkpoint is written")
    whole = new_lab(pruner=pruner).search(12, sampler="random")
    lab, crashes = new_lab(pruner=pruner), 0
    for n in (2, 3, 4, 5, 6):
        try:
            lab.search(12, sampler="random", crash=tools.CrashAt(n, event))
            break
        except tools.Killed:
            crashes += 1
    assert crashes > 0
    assert facts(lab.search(12, sampler="random"), tools) == facts(whole, tools)


@pytest.mark.parametrize("every", [19, 31])
def test_killed_before_every_nth_write(new_lab, tools, sampler, every):
    """Also between a trial's creation and its parameters, and between two of those."""
    whole = new_lab(pruner="asha").search(14, sampler=sampler)
    lab, deaths = new_lab(pruner="asha"), 0
    while True:
        try:
            session = lab.search(14, sampler=sampler, writes=every)
            break
        except tools.Killed:
            deaths += 1
            assert deaths < 100
    assert deaths > 5
    assert facts(session, tools) == facts(whole, tools)


def test_killed_before_each_write_of_one_proposal(new_lab, tools):
    whole = new_lab().search(3, sampler="random")
    for writes in range(1, 16):
        lab = new_lab()
        lab.search(1, sampler="random")
        with pytest.raises(tools.Killed):
            lab.search(2, sampler="random", writes=writes)
        session = lab.search(3, sampler="random")
        assert tools.params(session) == tools.params(whole), f"killed before write {writes}"


def test_storage_and_folder_agree_after_deaths(new_lab, tools):
    lab = new_lab(pruner="asha")
    while True:
        try:
            session = lab.search(10, writes=29)
            break
        except tools.Killed:
            pass
    for frozen, number in zip(lab.stored(), sorted(session.trials), strict=True):
        entry = session.trials[number]
        curve = {record.epoch: record.metrics["val_accuracy"] for record in entry.epochs}
        assert frozen.intermediate_values == curve
        assert frozen.params == {
            k: v for k, v in entry.params.items() if k not in ("batch_size", "note")
        }
        assert frozen.value == entry.values[0]


def test_killed_with_the_grid_between_queueing_and_starting_a_point(new_lab, tools):
    from autotrain.space import Choice, Space

    space = Space({"a": Choice([1, 2, 3]), "b": Choice(["x", "y"])}, "val_accuracy")
    whole = new_lab(space=space, epochs=2).search(99, sampler="grid")
    for writes in range(2, 12):
        lab = new_lab(space=space, epochs=2)
        with pytest.raises(tools.Killed):
            lab.search(99, sampler="grid", writes=writes)
        assert tools.params(lab.search(99, sampler="grid")) == tools.params(whole)


def test_queued_trials_do_not_change_later_proposals_on_resume(new_lab, tools):
    queue = [{"lr": 0.01}, {"depth": 3, "optimizer": "adam"}]

    def run(lab, crash=None):
        session = lab.open(14)
        session.enqueue(queue)
        return tools.drive(session, crash=crash or (lambda event: None))

    whole = run(new_lab(pruner="asha"))
    for n in (1, 2, 6, 30, 60):
        lab = new_lab(pruner="asha")
        with pytest.raises(tools.Killed):
            run(lab, tools.CrashAt(n))
        assert facts(run(lab), tools) == facts(whole, tools)


def test_pause_between_checkpoint_and_record_is_not_a_free_pass(new_lab, tools):
    """The worker goes on from its checkpoint, past the rung: the decision must not be lost."""
    lab = new_lab(pruner="asha", first_rung=1)
    with pytest.raises(tools.Killed):
        lab.search(16, crash=tools.CrashAt(1, "saved"))
    session = lab.open(16)
    assert session.trials[0].last_epoch == 1
    assert session.take().number == 1  # trial 0 waits


def test_draining_at_a_rung_is_not_a_free_pass(new_lab, tools):
    lab = new_lab(pruner="asha", first_rung=2)
    session = lab.open(4)
    entry = session.take()
    tools.report(session, entry, [0.1])
    session.request_stop()
    tools.report(session, entry, [0.2])
    lab.paths.trial(0).checkpoint.write_text("2")
    session.on_paused(0)
    assert lab.open(4).take().number == 1


def test_draining_leaves_trials_resumable(new_lab, tools):
    lab = new_lab(pruner="none")
    session = lab.open(2)
    entry = session.take()
    tools.report(session, entry, [0.1, 0.2])
    session.request_stop()
    tools.report(session, entry, [0.3])
    session.on_paused(entry.number)
    session.finish()
    assert session.take() is None
    assert not session.is_over
    assert lab.stored()[0].state is optuna.trial.TrialState.RUNNING
    again = lab.open(2)
    assert again.take().number == 0
    assert again.trials[0].last_epoch == 3


def test_several_workers_killed_leave_all_their_trials_resumable(new_lab, tools):
    lab = new_lab(disk=True, pruner="asha")
    with pytest.raises(tools.Killed):
        lab.search(16, workers=4, crash=tools.CrashAt(33))
    session = lab.search(16, workers=4)
    assert len(session.trials) == len(session.trials) == 16
    assert all(e.status is not TrialStatus.RUNNING for e in session.trials.values())
    assert tools.count(session, "COMPLETE") >= 1


def test_folder_of_a_running_trial_is_lost(new_lab, tools):
    import shutil

    lab = new_lab(pruner="asha")
    with pytest.raises(tools.Killed):
        lab.search(9, crash=tools.CrashAt(25))
    for folder in lab.paths.trials.iterdir():
        shutil.rmtree(folder)
    session = lab.search(9)
    assert session.is_over
    assert tools.count(session, "COMPLETE") >= 1
    assert all(
        (lab.paths.trial(n).config).exists() or s != "RUNNING"
        for n, s in enumerate(tools.states(session))
    )


def test_curve_of_a_paused_trial_is_lost(new_lab, tools):
    lab = new_lab(pruner="asha")
    session = lab.open(1)
    entry = session.take()
    tools.report(session, entry, [0.5])
    session.on_paused(0)
    lab.paths.trial(0).metrics.unlink()
    again = lab.search(1)
    assert tools.states(again) == ["COMPLETE"]


def test_worker_lost_between_checkpoint_and_pause_is_not_a_free_pass(lab, tools):
    session = lab.set(pruner="asha", first_rung=1).open(4)
    entry = session.take()
    tools.report(session, entry, [0.3])
    lab.paths.trial(0).checkpoint.write_text("1")
    session.on_worker_lost(0, "killed by signal 9")
    assert session.trials[0].paused
    assert session.take().number == 1


def test_promoted_trial_that_loses_its_worker_goes_on(lab, tools):
    session = lab.set(pruner="asha", first_rung=1).open(1)
    entry = session.take()
    tools.report(session, entry, [0.3])
    session.on_paused(0)
    assert session.take().number == entry.number  # nothing else is left: the last resort
    session.on_worker_lost(0, "killed by signal 9")
    assert not entry.paused
    assert session.take().number == entry.number


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_multi_objective_search_killed_at_any_write(new_lab, tools, sampler):
    from autotrain.space import Float, Int, Space

    space = Space({"x": Float(0, 1), "n": Int(1, 9)}, ["val_accuracy", "latency"])

    def curve(params, epoch):
        return {"val_accuracy": params["x"] * epoch, "latency": params["n"] * params["x"]}

    whole = new_lab(space=space, pruner="asha").search(20, curve, sampler=sampler)
    lab, deaths = new_lab(space=space, pruner="asha"), 0
    while True:
        try:
            session = lab.search(20, curve, sampler=sampler, writes=17)
            break
        except tools.Killed:
            deaths += 1
            assert deaths < 100
    assert facts(session, tools) == facts(whole, tools)
