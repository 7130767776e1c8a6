"""Small studies of images, rows and texts, and an export of each."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import autotrain
from autotrain.analysis.workspace import load_stored
from autotrain.api.export import ExportOptions, export

LEVELS = ("red", "green", "blue")


def write_table(path, count=240):
    rng = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["size", "colour", "weight/kg", "bought"])
        for _ in range(count):
            size, colour, weight = rng.normal(50, 9), rng.choice(LEVELS), rng.normal(1000, 200)
            bought = "yes" if size + 20 * (colour == "red") > 55 else "no"
            cells = [f"{size:.3f}", colour, f"{weight:.1f}"]
            if rng.uniform() < 0.15:
                cells[rng.integers(3)] = ""
            writer.writerow([*cells, bought])


def write_texts(path, count=160):
    rng = np.random.default_rng(0)
    words = {"good": ["fine", "great", "lovely"], "bad": ["poor", "awful", "dull"]}
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "label"])
        for _ in range(count):
            label = rng.choice(["good", "bad"])
            picked = rng.choice([*words[label], "the", "hotel", "room", "was"], 8)
            writer.writerow([", ".join(picked) + "!", label])


SPACES = {
    "images": ("digits_cnn", "digits", {"depth": 1, "width": 8}, None),
    "rows": ("tabular_mlp", "rows.csv", {}, "bought"),
    "texts": ("text_cnn", "texts.csv", {}, "label"),
}


@pytest.fixture(scope="session")
def studies(tmp_path_factory):
    """A folder with `rows.csv`, `texts.csv`, and in `runs` the studies that `exported` was asked for."""
    folder = tmp_path_factory.mktemp("exporting")
    write_table(folder / "rows.csv")
    write_texts(folder / "texts.csv")
    return folder


@pytest.fixture(scope="session")
def searched(studies):
    """A function that searches the study `images`, `rows` or `texts`, once."""
    done = set()

    def search(name):
        if name not in done:
            space, data, overrides, target = SPACES[name]
            source = str(studies / data) if target else data
            autotrain.search(
                space, source, study=name, runs=studies / "runs", trials=3, epochs=3, workers=1,
                pruner="none", gpus="none", overrides=overrides, display="none", report=False,
                **({"target": target} if target else {}),
            )  # fmt: skip
            done.add(name)

    return search


@pytest.fixture(scope="session")
def exported(studies, searched):
    """A function from a study and a format to its exported folder and card, made once."""
    made = {}

    def make(study, format, **more):
        key = (study, format, *sorted(more.items()))
        if key not in made:
            searched(study)
            out = studies / f"out-{len(made)}"
            options = ExportOptions(format=format, gpus="none", **more)
            made[key] = out, export(load_stored(study, studies / "runs"), out, options)
        return made[key]

    return make
