"""KerasTuner: `GridSearch` over one index hyperparameter, in one process on all cores.

Its documented default saves the weights of every better epoch (`SaveBestEpoch`), which is kept: it
is how `get_best_models` works. `--no-checkpoints` overrides `Tuner.run_trial` as its guide shows,
to see what they cost.

KerasTuner 1.4.8 imports TensorBoard in every trial although nothing here uses it, and TensorFlow
2.21 no longer installs it; so that import is passed over, which costs KerasTuner nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from common import Data, build, epoch_timer, fit, read_spec, record, write_result


def main() -> None:
    import keras
    import keras_tuner

    spec, out = read_spec()
    configs, epochs = spec["configs"], spec["epochs"]
    data = Data(spec["data"], spec["classes"])
    trials: list[Any] = []

    class Indexed(keras_tuner.HyperModel):
        def build(self, hp: Any) -> Any:
            index = hp.Choice("index", list(range(len(configs))))
            keras.utils.set_random_seed(spec["seed"] + index)
            return build(configs[index], data, epochs)

        def fit(self, hp: Any, model: Any, *args: Any, callbacks: Any = (), **kwargs: Any) -> Any:
            index, timer = hp.get("index"), epoch_timer()
            history = fit(model, configs[index], data, epochs, [timer, *callbacks])
            trials.append(record(index, configs[index], data, timer, history))
            return history

    class Default(keras_tuner.GridSearch):
        def _configure_tensorboard_dir(self, *_: Any) -> None:
            """Nothing to configure: there is no TensorBoard callback."""

    class NoCheckpoints(keras_tuner.GridSearch):
        def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> Any:
            keras.backend.clear_session()
            hp = trial.hyperparameters
            return self.hypermodel.fit(hp, self.hypermodel.build(hp))

    kind = NoCheckpoints if "--no-checkpoints" in sys.argv else Default
    tuner = kind(
        Indexed(),
        objective=keras_tuner.Objective("val_accuracy", "max"),
        max_trials=len(configs),
        overwrite=True,
        directory=str(Path(spec["scratch"]) / "kerastuner"),
        project_name="throughput",
    )
    tuner.search(verbose=0)
    write_result(out, trials)


if __name__ == "__main__":
    main()
