"""The median rule: when it begins, and what it compares."""

import optuna

from autotrain.trial import Decision
from autotrain.tuner.schedulers.median import Median

FROZEN = optuna.trial.TrialState


def test_median_waits_for_five_and_a_ninth(bench):
    study = bench(Median(), epochs=18)
    for number in range(4):
        for epoch in range(1, 19):
            study.report(number, epoch, 0.5)
        study.complete(number)
    assert study.report(10, 5, 0.0) is Decision.CONTINUE  # four completed
    for epoch in range(1, 19):
        study.report(4, epoch, 0.5)
    assert study.report(10, 6, 0.0) is Decision.CONTINUE  # the fifth is not complete yet
    study.complete(4)
    assert study.report(11, 1, 0.0) is Decision.CONTINUE  # before a ninth of the epochs
    assert study.report(11, 2, 0.0) is Decision.STOP
    assert study.report(12, 2, 0.5) is Decision.CONTINUE  # at the median
    study.fail(4)
    assert study.report(13, 2, 0.0) is Decision.CONTINUE


def test_median_compares_the_best_so_far_at_equal_epochs(bench):
    study = bench(Median())
    for number in range(5):
        for epoch in range(1, 10):
            study.report(number, epoch, epoch / 10)
        study.complete(number)
    assert study.report(9, 3, 0.31) is Decision.CONTINUE
    assert study.report(9, 4, 0.39) is Decision.STOP


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
