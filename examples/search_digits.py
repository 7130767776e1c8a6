"""Search digits_cnn from Python, then look once at the locked test part.

python examples/search_digits.py [RUNS_FOLDER]
"""

import sys
from pathlib import Path

import autotrain
from autotrain.data import data_folder, open_test
from autotrain.paths import Workspace


def main(runs: str = "runs") -> None:
    study = autotrain.search("digits_cnn", trials=6, epochs=3, runs=runs)
    print(study)
    print("validation:", study.best_value, dict(study.best_params))

    # The search never opens this part. Look at it once, when all choices are made.
    x, y = open_test(data_folder(Workspace(Path(runs)).data, study.settings.data.fingerprint))
    probabilities = study.load_model().predict(x, verbose=0)
    print("test:", float((probabilities.argmax(axis=1) == y).mean()))


if __name__ == "__main__":
    main(*sys.argv[1:])
