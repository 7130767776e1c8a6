"""Ray Tune: a function trainable, `grid_search` over the index, one CPU a trial, two at once.

At the best of its documented settings: `reuse_actors=True`, so that a process imports Keras once
and not once a trial, no dashboard, no loggers, no progress table, one report at the end of a
trial. `--fresh-actors` is its default.
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ |= {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
HERE = os.path.dirname(os.path.abspath(__file__))


def trainable(config: dict[str, Any], spec: dict[str, Any]) -> None:
    """One trial in a Ray process; the data stays in the process from trial to trial."""
    import common
    from ray import tune

    if not hasattr(common, "_data"):
        common._data = common.Data(spec["data"], spec["classes"])
    index = config["index"]
    result = common.train(index, spec["configs"][index], common._data, spec)
    tune.report({"val_accuracy": result["best"], "record": result})


def main() -> None:
    sys.path.insert(0, HERE)
    import ray
    from common import read_spec, write_result
    from ray import tune

    spec, out = read_spec()
    threads = str(spec["threads"])
    ray.init(
        num_cpus=spec["workers"],
        include_dashboard=False,
        configure_logging=False,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": HERE, "OMP_NUM_THREADS": threads}},
    )
    tuner = tune.Tuner(
        tune.with_resources(tune.with_parameters(trainable, spec=spec), {"cpu": 1}),
        param_space={"index": tune.grid_search(list(range(len(spec["configs"]))))},
        tune_config=tune.TuneConfig(
            metric="val_accuracy",
            mode="max",
            max_concurrent_trials=spec["workers"],
            reuse_actors="--fresh-actors" not in sys.argv,
        ),
        run_config=tune.RunConfig(name="throughput", storage_path=spec["scratch"], verbose=0),
    )
    results = tuner.fit()
    if results.errors:
        raise SystemExit(str(results.errors[0]))
    write_result(out, [result.metrics["record"] for result in results])
    ray.shutdown()


if __name__ == "__main__":
    main()
