"""Trials that fail, and trials that cost workers."""

import optuna
import pytest

from autotrain.errors import SearchFailedError

FAIL = optuna.trial.TrialState.FAIL


def failing_at(*calls, message="no such layer"):
    count = iter(range(10_000))

    def curve(params, epoch):
        if next(count) in calls:
            raise ValueError(message)
        return 0.5 + epoch / 100

    return curve


def test_a_raising_trial_fails_alone_with_its_cause(disk_lab, tools):
    session = disk_lab.search(4, failing_at(11))
    assert tools.states(session) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    log = disk_lab.paths.trial(1).log.read_text("utf-8")
    assert "the traceback" in log
    trial = disk_lab.study().trials[1]
    assert trial.error == "ValueError: no such layer"
    assert trial.values == session.trials[1].values  # what it reached is still shown
    frozen = disk_lab.stored()[1]
    assert (frozen.state, frozen.values) == (FAIL, None)
    assert all(t.number != 1 for t in disk_lab.study().ranking())


def test_cause_is_logged_where_there_is_no_detail(lab):
    session = lab.open(2)
    session.on_failed(session.take().number, "cause: größer als 1")
    assert lab.paths.trial(0).log.read_text("utf-8") == "cause: größer als 1\n"


def test_three_first_failures_alike_end_the_search(lab):
    with pytest.raises(SearchFailedError, match="no such layer") as caught:
        lab.search(10, failing_at(*range(100)))
    assert str(lab.paths.trial(2).log) in str(caught.value)
    assert caught.value.exit_code == 1
    assert [trial.state for trial in lab.stored()] == [FAIL] * 3


def test_failures_after_an_epoch_do_not_end_the_search(lab, tools):
    session = lab.search(6, failing_at(*range(1, 100)))
    assert tools.states(session) == ["FAIL"] * 6
    assert session.trials[0].last_epoch == 1


def test_different_failures_do_not_end_the_search(lab, tools):
    count = iter(range(100))

    def curve(params, epoch):
        raise ValueError(f"cause {next(count)}")

    assert tools.states(lab.search(6, curve)) == ["FAIL"] * 6


def test_failures_after_a_restart_of_a_study_with_epochs_do_not_end_it(lab, tools):
    lab.search(1)
    session = lab.search(6, failing_at(*range(100)))
    assert tools.states(session)[1:] == ["FAIL"] * 5


def test_a_lost_worker_brings_the_trial_back(lab, tools):
    session = lab.open(2)
    entry = session.take()
    tools.report(session, entry, [0.1, 0.2])
    session.on_worker_lost(0, "killed by signal 9")
    assert session.take().number == entry.number
    assert tools.report(session, entry, [0.3]).value == "continue"
    assert session.trials[0].last_epoch == 3


def test_three_lost_workers_are_a_failure(disk_lab, tools):
    session = disk_lab.open(3)
    for _ in range(3):
        assert session.take().number == 0
        session.on_worker_lost(0, "killed by signal 9")
    assert tools.states(session) == ["FAIL"]
    assert "cost 3 workers" in session.trials[0].error
    assert "signal 9" in disk_lab.paths.trial(0).log.read_text()
    assert session.take().number == 1
    assert disk_lab.stored()[0].user_attrs["deaths"] == 3


def test_deaths_are_counted_over_restarts(disk_lab, tools):
    for deaths in (1, 2):
        session = disk_lab.open(3)
        session.take()
        session.on_worker_lost(0, "out of memory")
        assert disk_lab.stored()[0].user_attrs["deaths"] == deaths
    session = disk_lab.open(3)
    session.take()
    session.on_worker_lost(0, "out of memory")
    assert tools.states(session) == ["FAIL"]
    assert disk_lab.stored()[0].user_attrs["deaths"] == 3  # not what was read at the start


def test_deaths_are_not_failures_of_the_search_while_epochs_come(lab, tools):
    session = lab.open(4)
    for _ in range(4):
        entry = session.take()
        tools.report(session, entry, [0.1] * 9)
        session.on_worker_lost(entry.number, "x")
        assert session.take().number == entry.number
        session.on_completed(entry.number)
    assert tools.states(session) == ["COMPLETE"] * 4
