"""What every model family must do.

Models are built and trained by functions that the fixture `run` calls: in this process
unless a test module gives a fixture of that name. Keras is loaded there, once for all families.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autotrain.catalog.families import FAMILIES, ModelFamily, structure_of
from autotrain.catalog.hyperparameters import AUGMENTATION, HYPERPARAMETERS, Hyperparameter
from autotrain.data import MODALITIES
from autotrain.tasks import TASKS
from autotrain.testing.family_programs import (
    answers_of,
    built,
    first_weights,
    is_loaded,
    limited,
    saved,
    trained,
)

Run = Callable[..., Any]
# Of examples, by modality.
_SHAPES: dict[str, Sequence[tuple[int, ...]]] = {
    "image": ((8, 8, 1), (12, 16, 3)),
    "tabular": ((1,), (30,)),
    "text": ((1,), (30,)),
    "sequence": ((6, 1), (20, 3)),
}
_DEEPEST = 64  # a whole number up to which an extreme is built


class FamilySuite:
    """Tests of a model family; give `family`, and values that make it small."""

    # Values of structural hyperparameters with which it is small and quick, and learns.
    small: Mapping[str, Any] = {}
    # Values to be tried of hyperparameters instead of those that the suite would think of.
    tried: Mapping[str, Sequence[Any]] = {}
    # After four epochs on data that is easy to learn, with three classes: what is left of the loss
    # of the first, at most, and the validation accuracy, at least.
    learnt, accuracy = 0.7, 0.5

    def family(self) -> ModelFamily:
        """The family."""
        raise NotImplementedError

    @pytest.fixture
    def run(self) -> Run:
        """What calls a function with arguments where Keras is."""
        return lambda function, *arguments: function(*arguments)

    @pytest.fixture
    def run_on_tensorflow(self, run: Run) -> Run:
        """The same where Keras is on TensorFlow, which models that read texts need."""
        return run

    @property
    def params(self) -> dict[str, Any]:
        """The small configuration, with all that is optional."""
        present = {
            name: 0.1 for name, info in _of_the_family(self.family()).items() if info.optional
        }
        common = {"batch_size": 32, "learning_rate": 0.02, "schedule": "cosine", "dropout": 0.1}
        return {**common, **present, **self.small}

    def test_its_declaration_is_consistent(self, run: Run) -> None:
        family = self.family()
        assert family.name
        assert family.name == family.name.strip()
        assert family.modality in (None, *MODALITIES.names())
        module, colon, function = family.builder.partition(":")
        assert (module.replace("_", "").replace(".", "").isalnum(), colon) == (True, ":")
        assert function.isidentifier()
        assert run(is_loaded, family), "its builder is a function of four arguments"

    def test_its_hyperparameters_are_consistent(self) -> None:
        family = self.family()
        for name in family.listed:
            assert name in HYPERPARAMETERS, f"{name} is no shared hyperparameter: declare it as own"
            assert not HYPERPARAMETERS[name].common, f"every family has {name}"
        for name, info in family.own.items():
            assert name.isidentifier()
            assert name not in HYPERPARAMETERS, f"{name} is a shared hyperparameter: list it"
            assert info.what, f"{name} needs a line for the documentation"
            assert info.low <= info.high
            assert info.default is None or info.allows(info.default), f"{name} is {info.rule()}"
            numeric = info.kind in ("int", "float", "bool")
            assert info.structural or numeric, f"{name} is no number, so it must be structural"
        for name, value in family.defaults.items():
            known = family.hyperparameters()
            assert name in known
            assert known[name].structural, f"the default of {name} is for all families"
            assert known[name].allows(value), f"{name} is {known[name].rule()}"
        with FAMILIES.adding(family.name, family):
            hash(structure_of(family.name, {}))

    @pytest.mark.parametrize("task", TASKS.names())
    def test_it_builds_for_every_task(self, run: Run, task: str) -> None:
        told_from = TASKS.get(task).modalities
        if told_from is not None and self.family().modality not in told_from:
            pytest.skip(f"{task} is of {', '.join(told_from)} data")
        found = run(built, self.family(), [(self.params, self._shapes()[0], task)])
        assert found == [(None, 3)]

    def test_it_builds_for_data_of_other_shapes(self, run: Run) -> None:
        asked = [(self.params, shape, "classification") for shape in self._shapes()]
        _check_built(run(built, self.family(), asked))

    def test_it_builds_with_other_values(self, run: Run) -> None:
        self._build_with(run, lambda info, value: _near(info, value))

    @pytest.mark.slow
    def test_it_builds_with_extreme_values(self, run: Run) -> None:
        self._build_with(run, lambda info, value: _extremes(info))

    def test_it_learns_and_values_change_without_another_trace(self, run: Run) -> None:
        first, changed, fresh = run(trained, self.family(), self.params, _changed(self))
        assert all(np.isfinite(value) for row in first["rows"] for value in row.values())
        assert first["rows"][-1]["loss"] < self.learnt * first["rows"][0]["loss"]
        assert first["rows"][-1]["val_accuracy"] >= self.accuracy
        assert first["traces"] == first["phases"] + 1  # a training step each, and evaluation
        assert changed["traces"] == first["traces"]
        assert changed["rows"] != first["rows"]
        assert changed["rows"] == fresh["rows"]

    def test_it_learns_with_values_at_their_limits(self, run: Run) -> None:
        for pick in (0, -1):
            limits = {
                n: _extremes(info)[pick] for n, info in self._values().items() if _extremes(info)
            }
            (row, *_), traces, wanted = run(limited, self.family(), self.params, limits)
            assert np.isfinite(row["loss"]), limits
            assert traces == wanted

    def test_the_same_seed_gives_the_same_weights(self, run: Run) -> None:
        one, same, other = run(first_weights, self.family(), self.params, (5, 5, 6))
        for a, b in zip(one, same, strict=True):
            np.testing.assert_array_equal(a, b)
        assert any((a != b).any() for a, b in zip(one, other, strict=True))

    def test_a_saved_model_answers_the_same(
        self, run: Run, run_on_tensorflow: Run, tmp_path: Path
    ) -> None:
        examples, inputs, wanted = run(saved, self.family(), self.params, tmp_path)
        found = run_on_tensorflow(answers_of, tmp_path / "model.keras", examples, inputs)
        np.testing.assert_allclose(found, wanted, atol=1e-5)

    def _shapes(self) -> Sequence[tuple[int, ...]]:
        return _SHAPES[self.family().modality or "tabular"]

    def _values(self) -> dict[str, Hyperparameter]:
        """Hyperparameters whose values its layers read."""
        found = {n: i for n, i in _of_the_family(self.family()).items() if not i.structural}
        return {**found, "dropout": HYPERPARAMETERS["dropout"]}

    def _build_with(self, run: Run, values: Callable[[Hyperparameter, Any], Sequence[Any]]) -> None:
        family, asked = self.family(), []
        for name, info in _of_the_family(family).items():
            if info.structural:
                current = family.resolve(self.params)[name]
                for value in self.tried.get(name, values(info, current)):
                    assert info.allows(value), f"{name}={value!r} is not {info.rule()}"
                    asked.append(
                        ({**self.params, name: value}, self._shapes()[0], "classification")
                    )
        _check_built(run(built, family, asked))


def _of_the_family(family: ModelFamily) -> dict[str, Hyperparameter]:
    """Hyperparameters that not every family has."""
    found = family.hyperparameters().items()
    return {n: i for n, i in found if n in family.own or not (i.common or n in AUGMENTATION)}


def _changed(suite: FamilySuite) -> dict[str, Any]:
    """The configuration with another value of everything that costs no other program."""
    changed: dict[str, Any] = {"weight_decay": 0.01, "l2": 1e-3, "label_smoothing": 0.1}
    for name, info in suite._values().items():
        changed[name] = _near(info, suite.params.get(name, info.default))[-1]
    return {**suite.params, **changed}


def _near(info: Hyperparameter, value: Any) -> list[Any]:
    """Values beside the one that a configuration has, among them all of a few."""
    if info.kind == "choice":
        return list(info.choices)
    if info.kind == "bool":
        return [not value]
    if info.kind == "text":
        return []
    low, high = info.low, info.high
    if info.kind == "int":
        return sorted({int(max(low, 1)), int(min(high, 2 * (value or 1)))} - {value})
    if np.isfinite([low, high]).all():
        return [x for x in (low + share * (high - low) for share in (0.3, 0.6)) if x != value][:1]
    return [(value or 1.0) / 2]


def _extremes(info: Hyperparameter) -> list[Any]:
    """The least and the largest value; none where that has no end."""
    if info.kind not in ("int", "float"):
        return []
    if info.kind == "int":
        return [int(x) for x in (info.low, info.high) if abs(x) <= _DEEPEST]
    low = info.low + 1e-3 * info.above
    high = info.high - 1e-3 * info.below
    return [x for x in (low, high) if np.isfinite(x)]


def _check_built(found: Sequence[Any]) -> None:
    """Each has three outputs, or is refused in words; the first is as the suite made it."""
    assert found
    assert found[0] == (None, 3)
    assert not [answer for answer in found if answer != (None, 3) and not isinstance(answer, str)]
