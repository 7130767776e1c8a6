"""Optuna in several processes that share one journal file, as its documentation recommends.

The configurations are enqueued, and each process calls `study.optimize` until all of them are
taken (`MaxTrialsCallback` counting RUNNING ones too). Nothing is reported between epochs, for
nothing is pruned: that is the cheapest way to use Optuna. An SQLite file took as long: storage is
milliseconds here, a process's start and its tracing are seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from common import Data, read_spec, train, write_result

NAME = "throughput"


def main() -> None:
    spec, out = read_spec()
    if "--worker" in sys.argv:
        work(spec, out)
        return
    import optuna

    study = optuna.create_study(study_name=NAME, storage=storage(spec), direction="maximize")
    for index in range(len(spec["configs"])):
        study.enqueue_trial({"index": index})
    outs = [out.with_suffix(f".{i}.json") for i in range(spec["workers"])]
    command = [sys.executable, __file__, sys.argv[1]]
    workers = [subprocess.Popen([*command, str(path), "--worker"]) for path in outs]
    statuses = [worker.wait() for worker in workers]
    if any(statuses):
        raise SystemExit("a worker failed")
    trials = [trial for path in outs for trial in json.loads(path.read_text("utf-8"))["trials"]]
    write_result(out, trials)


def storage(spec: dict[str, Any]) -> Any:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(f"{spec['scratch']}/journal.log"))


def work(spec: dict[str, Any], out: Path) -> None:
    import optuna
    from optuna.study import MaxTrialsCallback
    from optuna.trial import TrialState

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    configs = spec["configs"]
    data = Data(spec["data"], spec["classes"])
    trials: list[Any] = []

    def objective(trial: optuna.Trial) -> float:
        index = trial.suggest_int("index", 0, len(configs) - 1)
        if trial.number >= len(configs):  # both processes asked while one was left
            trial.study.stop()
            raise optuna.TrialPruned
        trials.append(train(index, configs[index], data, spec))
        return trials[-1]["best"]

    taken = (TrialState.RUNNING, TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
    study = optuna.load_study(study_name=NAME, storage=storage(spec))
    study.optimize(objective, callbacks=[MaxTrialsCallback(len(configs), states=taken)])
    write_result(out, trials)


if __name__ == "__main__":
    main()
