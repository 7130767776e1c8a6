"""A space's `start_from` in a search: what is tried first, and what happens when it changes."""

import pytest

import autotrain
from autotrain.reports.live import PlainLines


@pytest.fixture
def searched(tmp_path):
    def search(start_from, trials, enqueue=(), sampler="random"):
        space = autotrain.Space(
            {"x": autotrain.Float(0, 1), "kind": autotrain.Choice(["a", "b", "c"])},
            "val_loss",
            name="started",
            budget={"epochs": 1},
            start_from=start_from,
        )
        study = autotrain.search(
            space,
            objective=lambda params, reporter: params["x"],
            trials=trials,
            enqueue=enqueue,
            sampler=sampler,
            workers=0,
            pruner="none",
            runs=tmp_path / "runs",
            display="none",
            callbacks=[PlainLines()],
        )
        return [dict(trial.params) for trial in study.trials]

    return search


STARTS = [{"x": 0.5, "kind": "b"}, {"kind": "c"}]


def test_configurations_to_start_from_come_first_and_count(searched):
    found = searched(STARTS, 4)
    assert found[0] == STARTS[0]
    assert found[1]["kind"] == "c"  # the rest of it is the sampler's
    assert len(found) == 4


def test_enqueued_configurations_come_before_them_and_are_not_tried_twice(searched):
    found = searched(STARTS, 3, enqueue=[{"x": 0.25, "kind": "a"}, STARTS[0]])
    assert [params["kind"] for params in found] == ["a", "b", "c"]
    assert found[1] == STARTS[0]


def test_more_of_them_than_trials_wait_for_a_larger_total(searched):
    assert searched(STARTS, 1) == STARTS[:1]
    assert searched(STARTS, 2)[1]["kind"] == "c"


def test_an_interrupted_search_proposes_what_the_whole_one_does(searched, tmp_path):
    searched(STARTS, 1)
    parts = searched(STARTS, 6)
    (tmp_path / "runs").rename(tmp_path / "parts")
    assert searched(STARTS, 6) == parts


def test_changed_ones_only_add_proposals(searched):
    before = searched(STARTS, 4)
    added = {"x": 0.75, "kind": "a"}
    again = searched([*STARTS, added], 6)
    assert again[:4] == before
    assert again[4] == added
    assert searched([], 6) == again
