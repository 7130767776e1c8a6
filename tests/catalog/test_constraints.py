"""What cannot be trained on some data: each rule, and spaces of which nothing can be trained."""

import subprocess
import sys
from dataclasses import replace

import pytest

from autotrain.catalog.constraints import RULES, Facts, check_feasible, problems
from autotrain.errors import ConfigurationError
from autotrain.space import Choice, Fixed, Float, Int, Space
from autotrain.tasks.classification import CLASSIFICATION
from autotrain.tasks.multilabel import MULTILABEL
from autotrain.tasks.regression import REGRESSION

IMAGES = Facts("image", CLASSIFICATION, (8, 8, 1), 10, (30, 40), 330, 10)
TABLE = replace(IMAGES, modality="tabular", input_shape=(4,))
NUMBERS = replace(TABLE, task=REGRESSION, outputs=1, class_counts=())
LABELS = replace(IMAGES, task=MULTILABEL)
MIXED = replace(TABLE, categories=("city",))
TAUGHT = replace(TABLE, has_teacher=True)
RARE = replace(TABLE, class_counts=(300, 1, 0))

BROKEN = [
    (IMAGES, {"batch_size": 30, "accumulation": 4}, ["accumulation=4", "30 examples", "2, 3, 5, 6"]),
    (replace(IMAGES, train_size=50), {"batch_size": 64, "accumulation": 4}, ["50 examples"]),
    (IMAGES, {"schedule": "cosine_restarts", "cycles": 4}, ["cycles=4", "15 epochs", "got 10", "at most 3"]),
    (replace(IMAGES, epochs=6), {"schedule": "cosine_restarts"}, ["cycles=3", "at most 2"]),
    (IMAGES, {"loss": "mae"}, ["loss=mae", "loss=auto"]),
    (LABELS, {"loss": "huber"}, ["loss=huber"]),
    (NUMBERS, {"label_smoothing": 0.1}, ["label_smoothing=0.1", "needs classes"]),
    (NUMBERS, {"focal_gamma": 2.0}, ["focal_gamma=2", "leave it out"]),
    (IMAGES, {"quantile": 0.9}, ["quantile=0.9 is of numbers", "leave it out"]),
    (NUMBERS, {"quantile": 0.9, "loss": "mae"}, ["quantile=0.9", "use loss=auto"]),
    (NUMBERS, {"class_weights": "balanced"}, ["class_weights=balanced", "--set class_weights=none"]),
    (NUMBERS, {"sampling": "over"}, ["sampling=over", "one class per example", "regression"]),
    (LABELS, {"sampling": "under"}, ["sampling=under", "multilabel"]),
    (IMAGES, {"sampling": "smote"}, ["needs a table", "image", "sampling=over"]),
    (RARE, {"sampling": "smote"}, ["two training examples", "one has 1"]),
    (MIXED, {"sampling": "smote"}, ["only numbers have", "'city'", "sampling=over"]),
    (IMAGES, {"soft_weight": 0.5}, ["soft_weight=0.5", "teacher", "autotrain distill"]),
    (IMAGES, {"temperature": 4.0}, ["temperature=4", "teacher"]),
    (TAUGHT, {"soft_weight": 0.0, "sampling": "smote"}, ["never answered", "sampling=over"]),
    (replace(NUMBERS, has_teacher=True), {"temperature": 4.0}, ["temperature=4", "needs classes"]),
    (IMAGES, {"model": "transfer", "weights": "no.h5"}, ["imagenet, none or a file", "no.h5"]),
]  # fmt: skip

FINE = [
    (IMAGES, {}),
    (IMAGES, {"batch_size": 30, "accumulation": 5, "label_smoothing": 0.1, "focal_gamma": 2.0}),
    (replace(IMAGES, train_size=3), {"batch_size": 64, "accumulation": 4}),
    (IMAGES, {"schedule": "cosine_restarts", "cycles": 3}),
    (IMAGES, {"schedule": "cosine", "cycles": 20}),
    (replace(IMAGES, epochs=1), {"schedule": "cosine_restarts", "cycles": 1}),
    (replace(IMAGES, epochs=1), {"schedule": "plateau", "plateau_patience": 9, "warmup": 0.5}),
    (IMAGES, {"sampling": "over", "class_weights": "balanced"}),
    (TABLE, {"sampling": "smote"}),
    (RARE, {"sampling": "under"}),
    (TAUGHT, {"sampling": "over", "soft_weight": 0.5, "temperature": 4.0}),
    (MIXED, {"sampling": "over"}),
    (IMAGES, {"weights": "no.h5"}),  # of another model
    (NUMBERS, {"quantile": 0.9}),
    (NUMBERS, {"loss": "mae", "label_smoothing": 0.0, "focal_gamma": None}),
]


@pytest.mark.parametrize(("facts", "params", "words"), BROKEN, ids=lambda value: str(value)[:40])
def test_what_cannot_be_trained_is_said_with_value_and_way_out(facts, params, words):
    found = problems(params.get("model", "cnn"), params, facts)
    assert len(found) == 1
    for word in words:
        assert word in found[0]


@pytest.mark.parametrize(("facts", "params"), FINE, ids=lambda value: str(value)[:40])
def test_what_can_be_trained_has_no_problem(facts, params):
    assert problems("cnn", params, facts) == []


def test_all_reasons_are_given():
    params = {"loss": "mse", "batch_size": 9, "accumulation": 2}
    assert len(problems("cnn", params, IMAGES)) == 2


def test_every_rule_is_broken_here():
    broken = [rule for facts, params, _ in BROKEN for rule in RULES if _breaks(rule, params, facts)]
    assert set(broken) == set(RULES)


def _breaks(rule, params, facts):
    import autotrain.catalog.constraints as module

    full = module.resolve({"model": "cnn", **params})
    return bool(module._broken(rule, full, facts))


def space(**parameters):
    return Space({"learning_rate": Float(0.1, 1), **parameters}, "val_accuracy", model="cnn")


@pytest.mark.parametrize(
    ("facts", "parameters", "word"),
    [
        (IMAGES, {"sampling": "smote"}, "smote"),
        (IMAGES, {"loss": Choice(["mae", "huber"])}, "loss="),
        (IMAGES, {"batch_size": Choice([32, 64]), "accumulation": 3}, "accumulation=3"),
        (IMAGES, {"batch_size": Int(16, 64, step=8), "accumulation": Fixed(11)}, "=11"),
        (IMAGES, {"schedule": "cosine_restarts", "cycles": Int(4, 9)}, "cycles="),
        (NUMBERS, {"label_smoothing": Float(0.0, 0.2)}, "label_smoothing"),
        (NUMBERS, {"focal_gamma": Float(0.5, 2.0, step=0.5)}, "focal_gamma"),
    ],
)
def test_a_space_that_never_fits_is_refused(facts, parameters, word):
    with pytest.raises(ConfigurationError, match="no configuration of the space") as caught:
        check_feasible(space(**parameters), facts)
    assert word in str(caught.value)


@pytest.mark.parametrize(
    ("facts", "parameters"),
    [
        (IMAGES, {}),
        (IMAGES, {"sampling": Choice(["smote", "none"])}),
        (IMAGES, {"batch_size": Choice([32, 33]), "accumulation": 3}),
        (IMAGES, {"batch_size": Int(32, 64), "accumulation": 3}),
        (IMAGES, {"schedule": Choice(["cosine_restarts", "step"]), "cycles": Int(4, 9)}),
        (NUMBERS, {"label_smoothing": Float(0.0, 0.2, step=0.1)}),
        (IMAGES, {"kernel": Int(1, 31), "sampling": Fixed("smote", when={"kernel": 3})}),
        (replace(NUMBERS, train_size=10**6), {"batch_size": Int(7, 65536), "accumulation": Int(1, 256)}),
    ],
)  # fmt: skip
def test_a_space_that_may_fit_is_not(facts, parameters):
    check_feasible(space(**parameters), facts)


def test_rules_need_no_keras():
    code = "import sys, autotrain.catalog.constraints; print('keras' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
