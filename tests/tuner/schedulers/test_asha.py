"""Pruners: rungs, promotions, brackets and the median, alone and through a session."""

from dataclasses import replace

import optuna
import pytest

from autotrain.errors import ConfigurationError
from autotrain.space import Float, Space
from autotrain.storage.attributes import PAUSED
from autotrain.storage.settings import StudySettings
from autotrain.trial import Decision, TrialStatus
from autotrain.tuner.schedulers import scheduler_of
from autotrain.tuner.schedulers.asha import Asha, default_rungs, hyperband

FROZEN = optuna.trial.TrialState


@pytest.mark.parametrize(
    ("epochs", "first", "rungs"),
    [
        (9, None, (1, 3)),
        (30, None, (3, 10)),
        (50, None, (6, 17)),
        (81, None, (9, 27)),
        (2, None, (1,)),
        (1, None, ()),
        (9, 3, (3,)),
        (9, 9, ()),
        (27, 1, (1, 3, 9)),
        (52, 1, (1, 2, 6, 17)),
    ],
)
def test_default_rungs(epochs, first, rungs):
    assert default_rungs(epochs, first) == rungs


def test_first_rung_is_about_a_ninth():
    for epochs in range(5, 200):
        assert 0.5 <= default_rungs(epochs)[0] / (epochs / 9) <= 2


def settings(epochs, pruner="asha", first_rung=None):
    space = Space({"x": Float(0, 1)}, "val_accuracy")
    return StudySettings("s", space, epochs, 0, pruner, "function", first_rung=first_rung)


def test_unknown_pruner_and_impossible_rung():
    with pytest.raises(ConfigurationError, match=r"asha, hyperband, median, none.*'ahsa'.*'asha'"):
        scheduler_of(settings(9, "ahsa"))
    for rung in (0, 10):
        with pytest.raises(ConfigurationError, match=f"1 and 9 epochs, got {rung}"):
            scheduler_of(settings(9, "asha", rung))


def test_promotion_passes_the_best_third_of_those_seen(bench):
    study = bench(Asha((1, 3)))
    decisions = [study.report(n, 1, score) for n, score in enumerate([0.1, 0.2, 0.3, 0.25])]
    assert decisions == [Decision.PAUSE, Decision.PAUSE, Decision.CONTINUE, Decision.PAUSE]
    assert study.report(2, 2, 0.3) is Decision.CONTINUE  # no rung


def test_paused_trial_is_promoted_when_more_arrive_below_it(bench):
    study = bench(Asha((1, 3)))
    for number, score in enumerate([0.5, 0.4]):
        assert study.report(number, 1, score) is Decision.PAUSE
        study.pause(number)
    assert study.promotable() == []
    study.report(2, 1, 0.3)
    study.pause(2)
    assert study.promotable() == [0]
    study.resume(0)
    assert study.promotable() == []


def test_promotable_looks_at_the_highest_rung_first(bench):
    study = bench(Asha((1, 3)))
    for number in range(6):
        study.report(number, 1, 1 - number / 10)
        study.pause(number)
    assert study.promotable() == [0, 1]
    for number in (0, 1):
        study.resume(number)
        study.report(number, 3, 1 - number / 10)
        study.pause(number)
    for number in range(6, 9):
        study.report(number, 1, 0.0)
    study.resume(2)
    study.report(2, 3, 0.1)
    study.pause(2)
    assert study.promotable() == [0]


def test_failed_trials_neither_count_nor_go_on(bench):
    study = bench(Asha((1,)))
    for number in range(3):
        study.report(number, 1, 1 - number / 10)
        study.pause(number)
    assert study.promotable() == [0]
    study.fail(0)
    assert study.promotable() == []


def test_early_finisher_counts_at_the_rungs_it_did_not_see(bench):
    study = bench(Asha((1, 3)))
    study.report(0, 1, 0.9)
    study.complete(0)  # early stopping at epoch 2
    for number in (1, 2):
        study.report(number, 3, 0.5)
        study.pause(number)
    assert study.promotable() == []  # 0 is the best of the three at epoch 3


def first_judged(study, number, epochs):
    return next(
        (e for e in range(1, epochs + 1) if study.report(number, e, 0.0) is Decision.PAUSE), None
    )


def test_hyperband_judges_its_brackets_at_different_rungs(bench):
    study = bench(hyperband(settings(9)))
    judged = [first_judged(study, number, 9) for number in range(13)]
    assert judged == [1] * 9 + [3] * 3 + [None]


def test_hyperband_compares_within_a_bracket_only(bench):
    study = bench(hyperband(settings(9)))
    for number in range(9):
        study.report(number, 3, 1.0)
    assert study.report(9, 3, 0.1) is Decision.PAUSE
    assert study.report(10, 3, 0.05) is Decision.PAUSE
    assert study.report(11, 3, 0.2) is Decision.CONTINUE  # the best of three in its own bracket


# Through a session.


def test_none_stops_nobody(lab, tools):
    session = lab.search(8)
    assert tools.states(session) == ["COMPLETE"] * 8
    assert all(e.last_epoch == 9 for e in session.trials.values())


@pytest.mark.parametrize("pruner", ["asha", "hyperband", "median", "none"])
@pytest.mark.parametrize("trials", [1, 2, 3])
@pytest.mark.parametrize("workers", [1, 3])
def test_at_least_one_trial_completes(new_lab, tools, pruner, trials, workers):
    session = new_lab(pruner=pruner).search(trials, workers=workers)
    assert len(session.trials) == trials
    assert tools.count(session, "COMPLETE") >= 1
    assert session.is_over


def test_asha_promotes_in_a_session_and_tells_the_rest_pruned(lab, tools):
    session = lab.set(pruner="asha").search(18)
    stored = lab.stored()
    lengths = sorted({entry.last_epoch for entry in session.trials.values()})
    assert lengths == [1, 3, 9]
    assert set(tools.states(session)) == {"COMPLETE", "PRUNED"}
    for frozen in stored:
        entry = session.trials[frozen.number]
        assert frozen.state.name == entry.status
        assert frozen.value == entry.values[0] == max(frozen.intermediate_values.values())
    assert stored[0].last_step > 1  # the first trial always pauses at its first rung
    best = max(entry.values[0] for entry in session.trials.values())
    assert session.best().values[0] == best


def test_paused_trial_is_running_in_storage_until_the_end(disk_lab, tools):
    session = disk_lab.set(pruner="asha").open(2)
    entry = session.take()
    assert tools.report(session, entry, [0.4]) is Decision.PAUSE
    session.on_paused(0)
    stored = disk_lab.stored()[0]
    assert stored.state is FROZEN.RUNNING
    assert stored.user_attrs[PAUSED] is True
    assert disk_lab.study().trials[0].paused
    assert disk_lab.study().counts == {"PAUSED": 1}
    second = session.take()
    assert second.number == 1
    tools.report(session, second, [0.3])
    session.on_paused(1)
    assert (
        session.take().number == entry.number
    )  # the stronger of the two goes on, for one must complete
    assert disk_lab.stored()[0].user_attrs[PAUSED] is False
    tools.report(session, entry, [0.5, 0.6])
    session.on_paused(0)
    assert session.take().number == entry.number
    tools.report(session, entry, [0.7] * 6)
    session.on_completed(0)
    assert session.take() is None
    session.finish()
    first, other = disk_lab.stored()
    assert (first.state, first.value) == (FROZEN.COMPLETE, 0.7)
    assert (other.state, other.value) == (FROZEN.PRUNED, 0.3)
    assert not disk_lab.study().trials[1].paused


def test_pruned_never_ranks_above_complete(disk_lab, tools):
    session = disk_lab.set(pruner="asha").open(2)
    one, two = session.take(), session.take()
    tools.report(session, one, [0.99])
    session.on_paused(0)
    session.view.put(replace(session.trials[1], granted=9))
    tools.report(session, two, [0.1] * 9)
    session.on_completed(1)
    session.finish()
    study = disk_lab.study()
    assert [trial.number for trial in study.ranking()] == [1, 0]
    assert study.best_trial.number == 1 == session.best().number


@pytest.mark.parametrize(
    ("sampler", "pruner"), [("tpe", "asha"), ("tpe", "median"), ("random", "hyperband")]
)
def test_maximize_equals_minimize_of_the_negative(new_lab, tools, sampler, pruner):
    up = new_lab(pruner=pruner).search(16, sampler=sampler, workers=2)
    space = tools.conditional_space("val_loss", "minimize")
    down = new_lab(pruner=pruner, space=space).search(
        16, lambda params, epoch: -tools.accuracy(params, epoch), sampler=sampler, workers=2
    )
    assert tools.params(up) == tools.params(down)
    assert tools.states(up) == tools.states(down)
    assert tools.values(up) == [(-v[0],) for v in tools.values(down)]
    assert up.best().number == down.best().number


def test_tpe_counts_a_strong_paused_trial_among_the_good(lab, tools, monkeypatch):
    """All RUNNING ones are bad to TPE; a paused one must not be, or TPE flees its best region."""
    import optuna.samplers._tpe.sampler as tpe

    splits = []
    split = tpe._split_trials

    def spy(study, trials, n_below):
        splits.append(split(study, trials, n_below))
        return splits[-1]

    session = lab.set(pruner="asha").open(40)
    entries = [session.take() for _ in range(14)]
    for position, entry in enumerate(entries):
        verdict = tools.report(session, entry, [0.9 - position / 100])
        assert verdict is Decision.PAUSE
        session.on_paused(entry.number)
    first = session.take()
    assert first.number == 0
    assert tools.report(session, first, [0.9, 0.91]) is Decision.PAUSE  # alone at its rung
    session.on_paused(0)
    others = [session.take() for _ in range(3)]
    assert [entry.number for entry in others] == [1, 2, 3]  # promoted, and training
    monkeypatch.setattr(tpe, "_split_trials", spy)
    assert session.take().number == 14
    below, above = splits[0]
    assert [trial.number for trial in below][:1] == [0]
    assert {1, 2, 3} <= {trial.number for trial in above}
    assert all(trial.state is FROZEN.PRUNED for trial in below)
    assert lab.stored()[0].state is FROZEN.RUNNING  # the view was only a view


def test_the_furthest_paused_trial_goes_on_when_otherwise_none_would_complete(lab, tools):
    session = lab.set(pruner="asha").open(2)
    for scores in ([0.9], [0.2, 0.2, 0.2]):
        trial = session.take()
        session.view.put(replace(trial, granted=len(scores) - 1))
        tools.report(session, trial, scores)
        session.view.put(session.trials[trial.number].rested())
    assert session.take().number == 1


def test_promotion_comes_before_new_trials(lab, tools):
    session = lab.set(pruner="asha").open(40)
    for value in (0.5, 0.4):
        entry = session.take()
        assert tools.report(session, entry, [value]) is Decision.PAUSE
        session.on_paused(entry.number)
    third = session.take()
    assert third.number == 2
    tools.report(session, third, [0.3])
    session.on_paused(2)
    assert session.take().number == 0
    assert session.take().number == 3


def test_asha_with_failing_trials_still_completes_one(lab, tools):
    calls = iter(range(10_000))

    def curve(params, epoch):
        if next(calls) % 7 == 3:
            raise ValueError("now and then")
        return tools.accuracy(params, epoch)

    session = lab.set(pruner="asha").search(12, curve)
    assert len(session.trials) == 12
    assert tools.count(session, "FAIL") > 0
    assert tools.count(session, "COMPLETE") > 0
    assert all(e.status is not TrialStatus.RUNNING for e in session.trials.values())
