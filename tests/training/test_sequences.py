"""The family of sequences: every block learns where in time something is, and can be saved."""

from __future__ import annotations

import numpy as np
import pytest

from autotrain.catalog.families import FAMILIES
from autotrain.catalog.hyperparameters import AUGMENTATION
from core_training import load_without_autotrain, save_models, train_with

COMMON = {"depth": 1, "width": 16, "batch_size": 32, "learning_rate": 0.03, "schedule": "cosine"}
BLOCKS = {
    "conv": {"depth": 3, "spatial_dropout": 0.1, "stochastic_depth": 0.1, "summary": "max"},
    "gru": {"summary": "last"},
    "lstm": {"bidirectional": True},
    "transformer": {"heads": 2, "learning_rate": 0.01, "stochastic_depth": 0.1},
}
BLOCKS = {block: {**COMMON, **more, "block": block} for block, more in BLOCKS.items()}


def test_every_block_is_tried_and_none_is_flipped():
    family = FAMILIES.get("sequence")
    assert set(BLOCKS) == set(family.own["block"].choices)
    assert not any(family.has(name) for name in AUGMENTATION)


@pytest.mark.slow_on_jax
@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_learn_the_order_of_steps_and_share_their_program(backend, steps, tmp_path, block):
    more = {"model": "sequence", "modality": "sequence", "key": "sequences"}
    rows, traces = backend.run(train_with, steps, tmp_path, BLOCKS[block], more)
    assert rows[-1]["val_accuracy"] > 0.9
    changed = {**BLOCKS[block], "dropout": 0.2, "weight_decay": 0.01}
    other, again = backend.run(train_with, steps, tmp_path, changed, {**more, "seed": 2})
    assert traces == again == 2
    assert other[0] != rows[0]


@pytest.mark.slow_on_jax
def test_resumed_trial_of_a_recurrent_network_is_exact(backend, steps, tmp_path):
    params = {**BLOCKS["gru"], "depth": 2, "dropout": 0.2}
    more = {"model": "sequence", "modality": "sequence", "key": "resumed"}
    whole, _ = backend.run(train_with, steps, tmp_path, params, {**more, "name": "whole"})
    cut = {**more, "name": "cut"}
    part, _ = backend.run(train_with, steps, tmp_path, params, {**cut, "stop_at": 2})
    rest, _ = backend.run(train_with, steps, tmp_path, params, cut)
    assert part + rest == whole


def test_saved_models_load_without_autotrain(backends, steps, tmp_path):
    configurations = [("sequence", params) for params in BLOCKS.values()]
    expected = backends("tensorflow").run(
        save_models, steps, tmp_path, configurations, 2, "sequence"
    )
    found = load_without_autotrain(tmp_path, len(BLOCKS), "tensorflow")
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("format", ["onnx", "litert", "saved_model"])
def test_every_block_runs_in_every_format(backends, steps, tmp_path, block, format):
    from autotrain.export.conversion import convert
    from autotrain.export.formats import FORMATS

    asked = [("sequence", BLOCKS[block])]
    (expected,) = backends("tensorflow").run(save_models, steps, tmp_path, asked, 2, "sequence")
    form, target = FORMATS.get(format), tmp_path / FORMATS.get(format).file
    inputs = {"shape": [12, 2], "dtype": "float32"}
    convert([(tmp_path / "0.keras", 1.0)], inputs, form, target, None)
    run, x = form.runtime.load(target), np.load(tmp_path / "x.npy")
    for count in (16, 1):
        np.testing.assert_allclose(np.asarray(run(x[:count])), expected[:count], atol=1e-5)


def _outputs(steps, params):
    from autotrain.training.inputs import DataShape
    from autotrain.training.program import Program

    more = {"mean": np.zeros(1, "float32"), "variance": np.ones(1, "float32")}
    data = DataShape("sequence", "classification", (steps, 1), "float32", 3, 64, 16, **more)
    return tuple(Program("sequence", params, data).model.output_shape)


@pytest.mark.parametrize("block", ["conv", "transformer"])
def test_sequences_of_a_single_step_fit(backends, block):
    params = {"block": block, "depth": 4, "kernel": 5, "dilation": 4}
    assert backends("tensorflow").run(_outputs, 1, params) == (None, 3)


def test_heads_that_do_not_divide_the_width_are_refused(backends):
    params = {"block": "transformer", "heads": 5, "width": 6}
    with pytest.raises(Exception, match=r"InfeasibleError.*got 5 for 6: here 1 or 2 or 3 or 6"):
        backends("tensorflow").run(_outputs, 4, params)
