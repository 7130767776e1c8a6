"""Traces that are kept for other processes, which JAX has."""

from __future__ import annotations

import pytest

PARAMS = {"depth": 1, "width": 4, "batch_size": 64, "augmentation": 0.3, "dropout": 0.2}
OWN = """
import keras
def build(params, shape, classes):
    return keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(classes)])
"""


@pytest.fixture
def backend(backends):
    pytest.importorskip("jax", reason="JAX is not installed")
    return backends("jax")


def _trained(folder, cache, params, model="cnn"):
    """Epochs of a trial of a new program, how many of its functions were read, and files kept."""
    import os
    from pathlib import Path

    from autotrain.data import open_arrays
    from autotrain.training.inputs import describe_shape
    from autotrain.training.job import Job
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Decision

    before, os.environ["XDG_CACHE_HOME"] = os.environ["XDG_CACHE_HOME"], str(cache)
    try:
        arrays, rows = open_arrays(folder), []
        trainer = Trainer(arrays, describe_shape(arrays, 10))
        files = Path(cache)
        job = Job(model, params, 1, 2, "val_loss", "minimize", files / "c", files / "w")

        def report(record):
            rows.append({k: v for k, v in record.metrics.items() if k != "train_seconds"})
            return Decision.CONTINUE

        trainer.run(job, report)
        loop = trainer.program(model, params).loop
        kept = files / "autotrain" / "traces"
        return rows, loop.traces, loop.kept.read, len(list(kept.glob("*"))) if kept.exists() else 0
    finally:
        os.environ["XDG_CACHE_HOME"] = before


def test_another_program_reads_what_was_traced_and_trains_the_same(backend, images, tmp_path):
    first = backend.run(_trained, images, tmp_path, PARAMS)
    assert first[1:] == (2, 0, 3)  # training and evaluation, and the drawing of weights
    other = backend.run(_trained, images, tmp_path, {**PARAMS, "learning_rate": 0.3})
    assert other[1:] == (2, 3, 3)
    assert other[0] != first[0]
    again = backend.run(_trained, images, tmp_path, PARAMS)
    assert again == (first[0], 2, 3, 3)


def test_without_kept_traces_the_result_is_the_same(backend, images, tmp_path):
    kept = backend.run(_trained, images, tmp_path, PARAMS)
    assert backend.run(_untraced, images, tmp_path / "none", PARAMS) == (kept[0], 2, 0, 0)


def _untraced(folder, cache, params):
    import jax

    cache.mkdir()
    jax.config.update("jax_enable_compilation_cache", False)
    try:
        return _trained(folder, cache, params)
    finally:
        jax.config.update("jax_enable_compilation_cache", True)


def test_damaged_traces_are_made_again(backend, images, tmp_path):
    first = backend.run(_trained, images, tmp_path, PARAMS)
    files = sorted((tmp_path / "autotrain" / "traces").iterdir())
    whole = [file.read_bytes() for file in files]
    for file, bad in zip(files, (b"", b"not a trace", whole[2][: len(whole[2]) // 2]), strict=True):
        file.write_bytes(bad)
    assert backend.run(_trained, images, tmp_path, PARAMS) == first
    assert backend.run(_trained, images, tmp_path, PARAMS) == (first[0], 2, 3, 3)


def test_code_of_the_users_own_is_traced_every_time(backend, images, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    model = f"{tmp_path / 'own.py'}:build"
    for _ in range(2):
        found = backend.run(_trained, images, tmp_path, {"batch_size": 64}, model)
        assert found[1:] == (2, 0, 0)


def _digests(folder):
    """Digests of programs and surroundings that differ in one thing each."""
    from dataclasses import replace

    import jax
    import keras
    import numpy as np

    from autotrain.data import open_arrays
    from autotrain.training.backends import jax_trace_cache as kept
    from autotrain.training.inputs import describe_shape
    from autotrain.training.program import Program

    def digest(change=(), **params):
        shape = replace(describe_shape(open_arrays(folder), 10), **dict(change))
        kept._surroundings.cache_clear()
        return kept._digest(Program("cnn", {**BASE, **params}, shape))

    BASE = {"depth": 1, "width": 4, "batch_size": 64, "augmentation": 0.3, "dropout": 0.2}
    same = {digest(), digest(dropout=0.4), digest(learning_rate=0.5)}
    others = [digest(width=8), digest(precision="bfloat16"), digest({"train_size": 300})]
    others.append(digest({"mean": np.zeros(1), "variance": np.ones(1), "dtype": "float32"}))
    others.append(digest({"mean": np.zeros(1), "variance": np.full(1, 2.0), "dtype": "float32"}))
    keras.config.set_epsilon(1e-6)
    others.append(digest())
    keras.config.set_epsilon(1e-7)
    jax.config.update("jax_default_matmul_precision", "highest")
    others.append(digest())
    jax.config.update("jax_default_matmul_precision", None)
    same.add(digest())
    return same, others


def test_whatever_a_trace_depends_on_is_in_its_name(backend, images):
    same, others = backend.run(_digests, images)
    assert len(same) == 1
    assert len({*same, *others}) == 1 + len(others)
