"""What the suite of model families has Keras do: build, train, save.

Every function is called in the process with Keras, which may be another one than that of the tests; a
family that is not installed has its name there while a function runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from autotrain.catalog.families import FAMILIES, ModelFamily
from autotrain.data import Arrays, modality_named, open_arrays
from autotrain.errors import InfeasibleError
from autotrain.serving import keras_runtime
from autotrain.serving.encoder import Encoder
from autotrain.serving.predict import read
from autotrain.tasks import task_named
from autotrain.testing.examples import Prepared, prepared
from autotrain.trial import Decision, Epoch, Params

_DATA = {
    "image": "images",
    "tabular": "rows",
    "text": "texts",
    "sequence": "sequences",
}  # by modality
_EPOCHS = 4


def is_loaded(family: ModelFamily) -> bool:
    """Whether its builder can be called with structure, inputs, data and values."""
    import inspect

    return bool(inspect.signature(family.load_builder()).bind({}, None, None, {}))


@cache
def _example(modality: str) -> Prepared:
    return prepared(_DATA[modality], Path(mkdtemp(prefix="autotrain-")))


def _data(family: ModelFamily) -> tuple[Prepared, Arrays, Any]:
    from autotrain.training.inputs import shape_of

    data = _example(family.modality or "tabular")
    arrays = open_arrays(data.folder)
    return data, arrays, shape_of(arrays, data.info, data.folder)


def built(
    family: ModelFamily, asked: Sequence[tuple[Params, tuple[int, ...], str]]
) -> list[tuple[int | None, ...] | str]:
    """Shapes of the outputs for configurations, shapes of data and tasks, or why there are none."""
    from autotrain.training.program import Program

    found: list[tuple[int | None, ...] | str] = []
    with FAMILIES.adding(family.name, family):
        for params, shape, task in asked:
            try:
                data = _shape(family.modality or "tabular", shape, task)
                found.append(tuple(Program(family.name, params, data).model.output_shape))
            except InfeasibleError as error:
                found.append(str(error))
    return found


def _shape(modality: str, shape: tuple[int, ...], task: str) -> Any:
    """What is known of some random data."""
    from autotrain.training.inputs import describe_shape

    generator, words = np.random.default_rng(0), tuple("abcdef")
    x = {
        "image": lambda size: generator.integers(0, 256, size).astype("uint8"),
        "tabular": lambda size: np.float32(generator.normal(size=size)),
        "text": lambda size: generator.integers(0, len(words) + 2, size).astype("int32"),
        "sequence": lambda size: np.float32(generator.normal(size=size)),
    }[modality]((24, *shape))
    y = {
        "classification": np.arange(24, dtype="int32") % 3,
        "multilabel": generator.integers(0, 2, (24, 3)).astype("float32"),
        "regression": generator.normal(size=(24, 3)).astype("float32"),
        "forecast": generator.normal(size=(24, 3)).astype("float32"),
    }[task]
    more = {"tokens": "whitespace", "vocabulary": words} if modality == "text" else {}
    return describe_shape(Arrays(x, y, x, y), 3, modality, task, **more)


class _Training:
    """A trainer, and trials of one family that it trains."""

    def __init__(self, family: ModelFamily) -> None:
        from autotrain.training.trainer import Trainer

        self.family, self.scratch = family, Path(mkdtemp(prefix="autotrain-"))
        self.data, self.arrays, self.shape = _data(family)
        self.trainer = Trainer(self.arrays, self.shape)

    def run(self, params: Params, name: str, epochs: int = _EPOCHS) -> dict[str, Any]:
        """Train from the start: metrics by epoch, and traces so far."""
        rows: list[dict[str, float]] = []

        def report(epoch: Epoch) -> Decision:
            rows.append({k: v for k, v in epoch.metrics.items() if k != "train_seconds"})
            return Decision.STOP if epoch.epoch == epochs else Decision.CONTINUE

        self.trainer.run(self.job(params, name), report)
        program = self.trainer.program(self.family.name, params)
        return {"rows": rows, "traces": program.loop.traces, "phases": len(program.phases)}

    def job(self, params: Params, name: str) -> Any:
        """A trial."""
        from autotrain.training.job import Job

        files = self.scratch / f"{name}.ckpt", self.scratch / name
        return Job(self.family.name, params, 1, _EPOCHS, "val_loss", "minimize", *files)


@cache
def _training(name: str) -> _Training:
    """The warm one that tests of a family share."""
    return _Training(FAMILIES.get(name))


def trained(family: ModelFamily, params: Params, changed: Params) -> list[dict[str, Any]]:
    """A trial, one with other values in the same program, and that again in a new one."""
    with FAMILIES.adding(family.name, family):
        warm = _training(family.name)
        return [
            warm.run(params, "first"),
            warm.run(changed, "changed"),
            _Training(family).run(changed, "fresh"),
        ]


def limited(
    family: ModelFamily, params: Params, limits: Mapping[str, Any]
) -> tuple[list[dict[str, float]], int, int]:
    """Metrics of a trial with these values, and traces after it and before."""
    with FAMILIES.adding(family.name, family):
        warm = _training(family.name)
        before = warm.run(params, "before")
        after = warm.run({**params, **limits}, "limited")
        return after["rows"], after["traces"], before["traces"]


def first_weights(
    family: ModelFamily, params: Params, seeds: Sequence[int]
) -> list[list[np.ndarray]]:
    """The first weights by seed."""
    from autotrain.training.program import Program

    with FAMILIES.adding(family.name, family):
        program, found = Program(family.name, params, _data(family)[2]), []
        for seed in seeds:
            program.start(params, seed)
            found.append([np.array(weight) for weight in program.model.get_weights()])
    return found


def saved(family: ModelFamily, params: Params, folder: Path) -> tuple[Path, Any, np.ndarray]:
    """Save a trained model; raw examples, what it reads, and what the program says to them."""
    from autotrain.training.model_file import save_model

    with FAMILIES.adding(family.name, family):
        warm = _training(family.name)
        warm.run(params, "saved")
        program = warm.trainer.program(family.name, params)
        save_model(program, warm.job(params, "saved"), folder / "model.keras", warm.arrays)
        info, x = warm.data.info, np.asarray(warm.arrays.x_validation)
        answers = task_named(info.task).probabilities(program.predict(x))
    modality = modality_named(info.modality)
    inputs = modality.inputs(info, warm.data.folder)
    return modality.to_raw(folder, info, inputs["vocabulary"], x), inputs, answers


def answers_of(path: Path, examples: Path, inputs: Any) -> np.ndarray:
    """What a saved model says to raw examples."""
    encoder = Encoder(inputs)
    encode = encoder.strings if inputs["strings"] else encoder.numbers
    _, batch, _ = next(read(inputs, examples))
    return np.asarray(keras_runtime.load(path)(encode(batch)))
