"""Schedules of the learning rate as plots of text."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.reports.schedule_plot import middle, plot, schedule_plots
from autotrain.space import Choice, Fixed, Float, Int, Space, load_space


def space_of(**parameters):
    return Space({"learning_rate": Float(0.1, 1.0), **parameters}, "val_accuracy", model="cnn")


def test_plot_has_the_height_of_the_numbers():
    assert plot(np.array([0.0, 1 / 3, 0.5, 1.0])) == ["   █", "  ▄█", "▁███"]


def test_every_schedule_of_a_space_is_plotted_with_its_settings():
    lines = schedule_plots(
        space_of(
            schedule=Choice(["constant", "cosine", "one_cycle"]),
            warmup=Float(0.0, 0.2, when={"schedule": ["cosine"]}),
            peak=Fixed(0.5),
        )
    )
    assert "constant" in lines
    assert "cosine  warmup 0.1" in lines
    top = lines.index("one_cycle  peak 0.5") + 1
    assert lines[top].rstrip("█▇▆▅▄▃▂▁").isspace()
    assert lines[top].index("█") in range(20, 31)  # the peak is in the middle of 60 columns
    constant = lines.index("constant")
    assert lines[constant + 1 : constant + 4] == ["█" * 60] * 3


def test_a_space_without_schedules_has_no_plot():
    assert schedule_plots(space_of()) == []
    assert schedule_plots(space_of(warmup=Fixed(0.1)))[2] == "constant  warmup 0.1"


def test_every_shipped_space_can_be_plotted():
    assert any("cosine" in line for line in schedule_plots(load_space("cifar_cnn")))


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (Float(0.0, 0.2), 0.1),
        (Float(0.01, 1.0, log=True), 0.1),
        (Int(1, 5), 3),
        (Choice([4, 8]), 4),
        (Fixed(2.0), 2.0),
    ],
)
def test_middle_of_a_parameter(parameter, value):
    assert middle(parameter) == pytest.approx(value)
