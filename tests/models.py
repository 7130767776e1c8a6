"""Small studies of images, rows, texts, sequences and a series, and an export of each."""

from __future__ import annotations

import csv
from datetime import date, timedelta

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


def write_sequences(path, count=160):
    """Waves that begin or end early: the last steps of some are missing."""
    rng = np.random.default_rng(0)
    late = rng.integers(0, 2, count)
    steps = np.arange(12)
    wave = np.where((steps >= 6) == late[:, None].astype(bool), np.sin(steps), 0.0)
    x = np.stack([wave, rng.normal(100, 9, wave.shape)], axis=2) + rng.normal(
        0, 0.1, (count, 12, 2)
    )
    x[::4, 10:] = np.nan
    names = np.array(["early", "late"])[late]
    np.savez(path, x=x, y=names, feature_names=["wave", "noise/db"])


def write_series(path, count=200):
    """A weekly load with a holiday now and then, which is known ahead."""
    rng = np.random.default_rng(0)
    first = date(2024, 1, 1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "load", "rain", "holiday"])
        for i in range(count):
            holiday = int(rng.uniform() < 0.1)
            load = 1000 + 50 * np.sin(2 * np.pi * i / 7) - 200 * holiday + rng.normal()
            rain = "" if i % 9 == 4 else f"{rng.uniform():.3f}"
            writer.writerow([first + timedelta(days=i), f"{load:.2f}", rain, holiday])


SERIES = {"block": "conv", "depth": 2, "data.horizon": 3, "data.lookback": 8, "data.season": 7}
SERIES["data.known"] = "holiday"
SPACES = {
    "images": ("digits_cnn", "digits", {"depth": 1, "width": 8}, None),
    "rows": ("tabular_mlp", "rows.csv", {}, "bought"),
    "texts": ("text_cnn", "texts.csv", {}, "label"),
    "series": ("forecast", "series.csv", SERIES, "load"),
    "steps": ("sequence", "steps.npz", {"block": "gru", "depth": 1, "width": 16}, None),
}


@pytest.fixture(scope="session")
def studies(tmp_path_factory):
    """A folder with data of each kind, and in `runs` the studies that `exported` was asked for."""
    folder = tmp_path_factory.mktemp("exporting")
    write_table(folder / "rows.csv")
    write_texts(folder / "texts.csv")
    write_series(folder / "series.csv")
    write_sequences(folder / "steps.npz")
    return folder


@pytest.fixture(scope="session")
def searched(studies):
    """A function that searches the study `images`, `rows`, `texts`, `steps` or `series`, once."""
    done = set()

    def search(name):
        if name not in done:
            space, data, overrides, target = SPACES[name]
            source = str(studies / data) if "." in data else data
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
