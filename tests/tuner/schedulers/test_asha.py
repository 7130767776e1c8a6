"""Pruners: rungs, promotions, brackets and the median, alone and through a session."""

import optuna
import pytest

from autotrain.errors import ConfigurationError
from autotrain.storage.sampler_view import PAUSED
from autotrain.trial import TrialStatus, Decision
from autotrain.tuner.schedulers.asha import Median, Promotion, build_pruner, default_rungs

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


def test_unknown_pruner_and_impossible_rung():
    with pytest.raises(ConfigurationError, match=r"asha, hyperband, median, none.*'ahsa'"):
        build_pruner("ahsa", 9)
    for rung in (0, 10):
        with pytest.raises(ConfigurationError, match=f"1 and 9 epochs, got {rung}"):
            build_pruner("asha", 9, rung)


def test_promotion_passes_the_best_third_of_those_seen():
    pruner = Promotion((1, 3))
    verdicts = [pruner.report(n, 1, score) for n, score in enumerate([0.1, 0.2, 0.3, 0.25])]
    assert verdicts == [Decision.PAUSE, Decision.PAUSE, Decision.CONTINUE, Decision.PAUSE]
    assert pruner.report(2, 2, 0.3) is Decision.CONTINUE  # no rung


def test_paused_trial_is_promoted_when_more_arrive_below_it():
    pruner = Promotion((1, 3))
    for number, score in enumerate([0.5, 0.4]):
        assert pruner.report(number, 1, score) is Decision.PAUSE
        pruner.pause(number)
    assert pruner.promotable() == []
    pruner.report(2, 1, 0.3)
    pruner.pause(2)
    assert pruner.promotable() == [0]
    pruner.resume(0)
    assert pruner.promotable() == []


def test_promotable_looks_at_the_highest_rung_first():
    pruner = Promotion((1, 3))
    for number in range(6):
        pruner.report(number, 1, 1 - number / 10)
        pruner.pause(number)
    assert pruner.promotable() == [0, 1]
    for number in (0, 1):
        pruner.resume(number)
        pruner.report(number, 3, 1 - number / 10)
        pruner.pause(number)
    for number in range(6, 9):
        pruner.report(number, 1, 0.0)
    pruner.resume(2)
    pruner.report(2, 3, 0.1)
    pruner.pause(2)
    assert pruner.promotable() == [0]


def test_failed_trials_neither_count_nor_go_on():
    pruner = Promotion((1,))
    for number in range(3):
        pruner.report(number, 1, 1 - number / 10)
        pruner.pause(number)
    pruner.forget(0)
    assert pruner.promotable() == []
    assert pruner.strongest_paused() == 1


def test_strongest_paused_is_the_best_of_the_highest_rung():
    pruner = Promotion((1, 3))
    pruner.report(0, 1, 0.9)
    pruner.report(1, 3, 0.2)
    pruner.report(2, 3, 0.3)
    assert pruner.strongest_paused() is None
    for number in range(3):
        pruner.pause(number)
    assert pruner.strongest_paused() == 2


def test_early_finisher_counts_at_the_rungs_it_did_not_see():
    pruner = Promotion((1, 3))
    pruner.report(0, 1, 0.9)
    pruner.complete(0)  # early stopping at epoch 2
    for number in (1, 2):
        pruner.report(number, 3, 0.5)
        pruner.pause(number)
    assert pruner.promotable() == []  # 0 is the best of the three at epoch 3


def first_judged(pruner, number, epochs):
    return next(
        (e for e in range(1, epochs + 1) if pruner.report(number, e, 0.0) is Decision.PAUSE), None
    )


def test_hyperband_judges_its_brackets_at_different_rungs():
    pruner = build_pruner("hyperband", 9)
    judged = [first_judged(pruner, number, 9) for number in range(13)]
    assert judged == [1] * 9 + [3] * 3 + [None]


def test_hyperband_compares_within_a_bracket_only():
    pruner = build_pruner("hyperband", 9)
    for number in range(9):
        pruner.report(number, 3, 1.0)
    assert pruner.report(9, 3, 0.1) is Decision.PAUSE
    assert pruner.report(10, 3, 0.05) is Decision.PAUSE
    assert pruner.report(11, 3, 0.2) is Decision.CONTINUE  # the best of three in its own bracket


def test_median_waits_for_five_and_a_ninth():
    pruner = Median(18)
    for number in range(4):
        for epoch in range(1, 19):
            pruner.report(number, epoch, 0.5)
        pruner.complete(number)
    assert pruner.report(10, 5, 0.0) is Decision.CONTINUE  # four completed
    for epoch in range(1, 19):
        pruner.report(4, epoch, 0.5)
    assert pruner.report(10, 6, 0.0) is Decision.CONTINUE  # the fifth is not complete yet
    pruner.complete(4)
    assert pruner.report(11, 1, 0.0) is Decision.CONTINUE  # before a ninth of the epochs
    assert pruner.report(11, 2, 0.0) is Decision.STOP
    assert pruner.report(12, 2, 0.5) is Decision.CONTINUE  # at the median
    pruner.forget(4)
    assert pruner.report(13, 2, 0.0) is Decision.CONTINUE


def test_median_compares_the_best_so_far_at_equal_epochs():
    pruner = Median(9)
    for number in range(5):
        for epoch in range(1, 10):
            pruner.report(number, epoch, epoch / 10)
        pruner.complete(number)
    assert pruner.report(9, 3, 0.31) is Decision.CONTINUE
    assert pruner.report(9, 4, 0.39) is Decision.STOP


# Through a session.


def test_none_stops_nobody(lab, tools):
    session = lab.search(8)
    assert tools.states(session) == ["COMPLETE"] * 8
    assert all(e.last_epoch == 9 for e in session.trials.values())


def test_median_in_a_session(lab, tools):
    session = lab.set(pruner="median").open(7)
    for _ in range(5):
        entry = session.take()
        assert tools.report(session, entry, [0.5] * 9) is Decision.CONTINUE
        session.on_completed(entry.number)
    poor, good = session.take(), session.take()
    assert tools.report(session, poor, [0.4]) is Decision.STOP
    session.on_stopped(poor.number)
    assert tools.report(session, good, [0.6] * 9) is Decision.CONTINUE
    session.on_completed(good.number)
    stored = lab.stored()
    assert (stored[5].state, stored[5].value) == (FROZEN.PRUNED, 0.4)
    assert (stored[6].state, stored[6].value) == (FROZEN.COMPLETE, 0.6)


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
        assert frozen.state.name == entry.state
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
    assert session.take().number == entry.number  # the stronger of the two goes on, for one must complete
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
    session.trials[1].granted = 9
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
