"""The recipe that `cifar_cnn` starts from, against the CNN of Keras's examples, at equal epochs.

    python benchmarks/recipe.py --data cifar10_6k.npz [--epochs 15] [--seeds 3] [--space cifar_cnn]

Both are trained on the same training part and judged, once at the end, on the same test part. The
plain network is that of the Keras example `cifar10_cnn` (two blocks of two convolutions, dropout, a
dense layer of 512), with its RMSprop at 1e-4; better known settings, Adam at 1e-3, are a third row.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from autotrain.catalog.families import model_of
from autotrain.data import data_folder, open_arrays, open_test, prepare
from autotrain.space import DataSpec, load_space
from autotrain.training.runtime import environment, prepare_framework


def main() -> None:
    options = _options()
    os.environ.update(environment(options.backend, options.threads, None, 1))
    versions = prepare_framework()
    print(f"machine   {os.cpu_count()} cores, {options.threads} threads used, no GPU")
    print(f"versions  autotrain {metadata.version('autotrain')}, {dict(versions)}")
    with tempfile.TemporaryDirectory() as scratch:
        cache = Path(scratch)
        info = prepare(DataSpec(source=options.data), cache, 0)
        folder = data_folder(cache, info.fingerprint)
        print(
            f"data      {options.data}: {dict(info.sizes)}; {options.epochs} epochs\n", flush=True
        )
        space = load_space(options.space)
        recipe = dict(space.active({**space.start_from[options.recipe]}))
        model = model_of(space, recipe)
        _row(f"recipe {options.recipe + 1} of {options.space}", options, lambda seed: _recipe(
            model, recipe, folder, info, options.epochs, seed, cache))  # fmt: skip
        for name in ("rmsprop", "adam"):
            label = f"Keras's example CNN, {name}"
            _row(label, options, lambda seed, name=name: _plain(name, folder, options.epochs, seed))


def _row(label: str, options: argparse.Namespace, train: Any) -> None:
    began = time.perf_counter()
    scores = np.array([train(seed) for seed in range(options.seeds)])
    seconds = (time.perf_counter() - began) / options.seeds
    spread = scores.std(ddof=1) if len(scores) > 1 else 0.0
    each = ", ".join(f"{score:.3f}" for score in scores)
    print(f"{label:<36} test accuracy {scores.mean():.3f} ± {spread:.3f} ({each}), {seconds:.0f} s each",
          flush=True)  # fmt: skip


def _recipe(
    model: str, params: Any, folder: Path, info: Any, epochs: int, seed: int, scratch: Path
) -> float:
    from autotrain.training.inputs import shape_of
    from autotrain.training.job import Job
    from autotrain.training.trainer import Trainer
    from autotrain.trial import Decision

    arrays = open_arrays(folder)
    trainer = Trainer(arrays, shape_of(arrays, info, folder))
    files = scratch / f"seed{seed}"
    job = Job(model, params, seed, epochs, "val_accuracy", "maximize", files / "c", files / "w")
    trainer.run(job, lambda record: Decision.CONTINUE)  # the last epoch's weights, as the peer's
    x, y = open_test(folder)
    return float((trainer.program(model, params).predict(x).argmax(axis=1) == y).mean())


def _plain(optimizer: str, folder: Path, epochs: int, seed: int) -> float:
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    arrays = open_arrays(folder)
    x, y = np.asarray(arrays.x_train) / 255.0, np.asarray(arrays.y_train)
    parts: list[Any] = [keras.Input(x.shape[1:])]
    for filters in (32, 64):
        parts += [
            layers.Conv2D(filters, 3, padding="same", activation="relu"),
            layers.Conv2D(filters, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
        ]
    parts += [layers.Flatten(), layers.Dense(512, activation="relu"), layers.Dropout(0.5)]
    model = keras.Sequential([*parts, layers.Dense(10, activation="softmax")])
    chosen = {"rmsprop": keras.optimizers.RMSprop(1e-4), "adam": keras.optimizers.Adam(1e-3)}
    model.compile(chosen[optimizer], "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    x_test, y_test = open_test(folder)
    return float(model.evaluate(np.asarray(x_test) / 255.0, y_test, verbose=0)[1])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="cifar10")
    parser.add_argument("--space", default="cifar_cnn")
    parser.add_argument("--recipe", type=int, default=0, help="position in the space's start_from")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--backend", default="tensorflow")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


if __name__ == "__main__":
    main()
