"""Search a training loop of one's own: here scikit-learn's SGD classifier on its digits.

    python examples/own_training_loop.py [RUNS_FOLDER]

Below the cut a trial pauses, and may be promoted later: the function is then called again, and goes
on from `reporter.checkpoint`. Without a checkpoint it would start again; epochs that are recorded
already are not recorded twice.
"""

import json
import sys

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import train_test_split

import autotrain

SPACE = autotrain.Space(
    {
        "penalty": autotrain.Choice(["l2", "elasticnet"]),
        "l1_ratio": autotrain.Float(0.05, 0.95, when={"penalty": "elasticnet"}),
        "alpha": autotrain.Float(1e-6, 1e-1, log=True),
        "eta0": autotrain.Float(1e-4, 1.0, log=True),
    },
    "val_accuracy",
    name="own_loop",
    budget={"epochs": 9, "trials": 20},
)


def train(params, reporter):
    x, y = load_digits(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(x / 16, y, test_size=0.2, random_state=0)
    model = SGDClassifier(learning_rate="constant", random_state=reporter.seed, **params)
    done = 0
    if reporter.checkpoint.exists():
        state = json.loads(reporter.checkpoint.read_text())
        done = state["epoch"]
        model.partial_fit(x_train[:1], y_train[:1], classes=np.arange(10))
        model.coef_, model.intercept_ = np.array(state["coef"]), np.array(state["intercept"])
    for epoch in range(done + 1, reporter.epochs + 1):
        model.partial_fit(x_train, y_train, classes=np.arange(10))
        state = {
            "epoch": epoch,
            "coef": model.coef_.tolist(),
            "intercept": model.intercept_.tolist(),
        }
        reporter.checkpoint.write_text(json.dumps(state))
        reporter.report(epoch, val_accuracy=model.score(x_val, y_val))


def main(runs: str = "runs") -> None:
    study = autotrain.search(SPACE, objective=train, runs=runs)
    print(study.trials_dataframe().sort_values("val_accuracy", ascending=False).head())


if __name__ == "__main__":
    main(*sys.argv[1:])
