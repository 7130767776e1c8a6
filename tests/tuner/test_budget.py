"""How many trials there are, what comes first, and when a search is over."""

import pytest

from autotrain.space import Choice, Float, Int, Space
from autotrain.trial import Decision


@pytest.mark.parametrize("pruner", ["none", "asha", "hyperband"])
@pytest.mark.parametrize("workers", [1, 4])
def test_n_trials_means_exactly_n(new_lab, pruner, workers):
    lab = new_lab(pruner=pruner)
    session = lab.search(11, workers=workers)
    assert len(session.trials) == len(session.trials) == len(lab.stored()) == 11
    assert [trial.number for trial in lab.stored()] == list(range(11))


def test_failed_trials_count(lab, tools):
    calls = iter(range(1000))

    def curve(params, epoch):
        if next(calls) % 4 == 1:
            raise ValueError("sometimes")
        return 0.5

    session = lab.search(6, curve)
    assert len(session.trials) == 6
    assert tools.count(session, "FAIL") > 0


@pytest.mark.parametrize("total", [5, 3, 1])
def test_a_total_at_or_below_what_exists_creates_nothing(lab, total):
    lab.search(5)
    session = lab.open(total)
    assert session.is_over
    assert session.take() is None
    session.finish()
    assert len(session.trials) == len(lab.stored()) == 5


def test_a_larger_total_goes_on(new_lab, tools):
    whole = new_lab().search(8)
    lab = new_lab()
    lab.search(3)
    assert tools.params(lab.search(8)) == tools.params(whole)


def test_a_new_study_is_not_over(lab):
    assert not lab.open(1).is_over


def test_target_ends_the_search_with_that_trial_complete(lab, tools):
    session = lab.open(10, target=0.8)
    one, two = session.take(), session.take()
    assert tools.report(session, one, [0.5]) is Decision.CONTINUE
    assert tools.report(session, two, [0.5, 0.81]) is Decision.STOP
    session.on_stopped(two.number)
    assert session.reached_target
    assert session.is_stopping
    assert session.take() is None
    assert tools.report(session, one, [0.6]) is Decision.PAUSE
    session.on_paused(one.number)
    session.finish()
    assert tools.states(session) == ["RUNNING", "COMPLETE"]
    assert session.best().values == (0.81,)
    assert len(session.trials) == 2


def test_target_of_a_minimized_metric(lab, tools):
    lab.set(space=tools.conditional_space("val_loss", "minimize"))
    session = lab.open(3, target=0.1)
    entry = session.take()
    assert tools.report(session, entry, [0.2]) is Decision.CONTINUE
    assert tools.report(session, entry, [0.1]) is Decision.STOP


def test_target_beats_the_pruner(lab, tools):
    session = lab.set(pruner="asha").open(3, target=0.5)
    entry = session.take()
    assert tools.report(session, entry, [0.6]) is Decision.STOP
    session.on_stopped(0)
    assert tools.states(session) == ["COMPLETE"]


def test_target_that_is_reached_already_starts_nothing(lab, tools):
    lab.search(4, target=0.0)
    again = lab.open(4, target=0.0)
    assert again.reached_target
    assert again.take() is None
    assert len(again.trials) == 1
    assert lab.open(4).take().number == 1  # without it the search goes on


def test_target_reached_right_before_a_crash(lab, tools):
    session = lab.open(4, target=0.8)
    tools.report(session, session.take(), [0.5, 0.9])
    again = lab.open(4, target=0.8)  # the worker has to stop the trial and write its weights
    entry = again.take()
    assert entry.number == 0
    assert tools.report(again, entry, [0.91]) is Decision.STOP
    again.on_stopped(0)
    assert again.reached_target


# Queued configurations.


def test_queued_configurations_come_first_and_are_completed(lab, tools):
    session = lab.open(4)
    assert session.enqueue([{"lr": 0.02, "optimizer": "sgd"}, {"depth": 3, "batch_size": 32}]) == 2
    assert len(session.trials) == 2
    tools.drive(session)
    first, second = tools.params(session)[:2]
    assert (first["lr"], first["optimizer"]) == (0.02, "sgd")
    assert {"depth", "width", "units", "momentum"} <= set(first)
    assert second["depth"] == 3
    assert len(session.trials) == 4


def test_queue_counts_and_stops_at_the_total(lab, tools):
    session = lab.open(2)
    assert session.enqueue([{"depth": n} for n in (1, 2, 3, 4)]) == 2
    assert not session.is_over
    tools.drive(session)
    assert [params["depth"] for params in tools.params(session)] == [1, 2]
    assert session.is_over
    assert len(lab.stored()) == 2


def test_queue_is_not_doubled_on_resume(lab, tools):
    queue = [{"depth": 1}, {"depth": 2, "lr": 0.01}, {"optimizer": "sgd"}]
    session = lab.open(8)
    assert session.enqueue([*queue, {"depth": 1}]) == 3
    entry = session.take()
    tools.report(session, entry, [0.5])
    again = lab.open(8)
    assert again.enqueue(queue) == 0
    tools.drive(again)
    assert again.enqueue(queue) == 0
    assert len(again.trials) == 8
    assert sum(p["depth"] == 1 for p in tools.params(again)[:3]) >= 1


def test_waiting_trials_of_a_killed_search_are_not_forgotten(lab, tools):
    session = lab.open(3)
    session.enqueue([{"depth": n} for n in (1, 2, 3)])
    again = lab.open(3)
    assert not again.is_over
    tools.drive(again)
    assert [params["depth"] for params in tools.params(again)] == [1, 2, 3]
    assert again.is_over


def test_queued_trials_prefer_what_the_worker_has_compiled(lab):
    session = lab.open(9, signature=lambda params: params.get("depth"))
    session.enqueue([{"depth": 1}, {"depth": 2}, {"depth": 3}, {"depth": 2, "width": 16}])
    assert session.take(known=[2], elsewhere=[1]).params["depth"] == 2
    assert session.take(known=[2], elsewhere=[1]).params["width"] == 16
    assert session.take(known=[2], elsewhere=[1]).params["depth"] == 3  # nobody has it
    assert session.take(known=[2], elsewhere=[1]).params["depth"] == 1


def test_unfinished_trials_come_before_the_queue(lab, tools):
    session = lab.open(5)
    tools.report(session, session.take(), [0.1])
    again = lab.open(5)
    again.enqueue([{"depth": 4}])
    assert again.take().number == 0
    assert again.take().params["depth"] == 4


def test_queue_in_a_grid_search_beyond_the_grid(lab, tools):
    space = Space({"a": Int(1, 2), "b": Choice(["x", "y"])}, "val_accuracy")
    session = lab.set(space=space).open(99, sampler="grid")
    session.enqueue([{"a": 2}])
    tools.drive(session)
    found = [repr(params) for params in tools.params(session)]
    assert len(found) == len(set(found)) == 4


def test_space_of_one_configuration(lab, tools):
    space = Space({"a": Int(2, 2), "b": Choice(["x"]), "c": 3}, "val_accuracy")
    session = lab.set(space=space).search(3)
    assert tools.params(session) == [{"a": 2, "b": "x", "c": 3}] * 3


def test_space_without_anything_to_search(lab, tools):
    session = lab.set(space=Space({"c": 3}, "val_accuracy")).search(2)
    assert tools.params(session) == [{"c": 3}] * 2
    assert tools.states(session) == ["COMPLETE"] * 2


def test_training_seeds_differ_by_trial_or_are_common(new_lab):
    session = new_lab().open(3)
    assert len({session.seed(n) for n in range(100)}) == 100
    assert session.seed(3) == new_lab().open(3).seed(3)
    assert session.seed(3) != new_lab(seed=8).open(3).seed(3)
    common = new_lab(common_seed=True).open(3)
    assert len({common.seed(n) for n in range(100)}) == 1


def test_float_with_steps_stays_on_its_grid(lab, tools):
    space = Space({"a": Float(0.0, 0.9, step=0.3)}, "val_accuracy")
    found = tools.params(lab.set(space=space, epochs=1).search(20))
    assert {round(params["a"], 9) for params in found} <= {0.0, 0.3, 0.6, 0.9}
