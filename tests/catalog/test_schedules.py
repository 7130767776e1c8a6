"""Schedules as tables of factors, and the plateau's rule."""

import numpy as np
import pytest

from autotrain.catalog.hyperparameters import resolve
from autotrain.catalog.schedules import SCHEDULES, Plateau, factors


def table(schedule, start=0, stop=100, total=100, **settings):
    return factors(resolve({"schedule": schedule, **settings}), start, stop, total)


def test_schedules_start_and_end_where_they_should():
    assert (table("constant") == 1).all()
    step = table("step")
    assert (step[0], step[49], step[50], step[75]) == (1.0, 1.0, 0.1, 0.01)
    cosine = table("cosine")
    assert cosine[0] == 1
    assert cosine[50] == pytest.approx(0.5)
    assert (np.diff(cosine) < 0).all()
    one = table("one_cycle", stop=1000, total=1000)
    assert one[0] == pytest.approx(1 / 25)
    assert one.argmax() == 300
    assert one[-1] < 1e-3


def test_exponential_and_polynomial_end_at_their_final_factor():
    for name in ("exponential", "polynomial"):
        falling = table(name, stop=101, final_factor=0.01)
        assert falling[0] == 1
        assert falling[100] == pytest.approx(0.01)
        assert (np.diff(falling) < 0).all()
    assert table("polynomial", power=2.0, final_factor=0.0)[50] == pytest.approx(0.25)


def test_cosine_restarts_double_in_length():
    restarts = table("cosine_restarts", stop=70, total=70, cycles=3)
    assert [i for i in range(70) if restarts[i] == 1] == [0, 10, 30]


def test_triangular_rises_and_falls_in_straight_lines():
    triangle = table("triangular", peak=0.2)
    assert (triangle[0], triangle[10], triangle[20], triangle[60]) == pytest.approx(
        (0, 0.5, 1, 0.5)
    )


def test_warmup_multiplies_and_a_part_is_a_part_of_the_whole():
    warm = table("constant", stop=10, total=10, warmup=0.5)
    assert warm[0] == pytest.approx(0.2)
    assert warm[-1] == 1
    for name in SCHEDULES:
        whole = table(name, stop=90, total=90, warmup=0.1)
        assert (table(name, 30, 60, 90, warmup=0.1) == whole[30:60]).all()


def test_plateau_reduces_after_its_patience_and_waits_again():
    plateau = Plateau()
    seen = []
    for improved in (True, False, False, False, False, True, False, False):
        plateau.note(improved, patience=2, factor=0.1)
        seen.append(plateau.factor)
    assert seen == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001])
