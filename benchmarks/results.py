"""How long it takes to look at a large study: leaderboard, report, dashboard.

    python benchmarks/results.py [--trials 10000] [--epochs 50] [--rounds 3]

A real search of twelve trials comes first, whose trials stay the best; the other trials are made up
and written straight into the database and the folder, with the same tables and files. Each command
is then run as a user runs it, in a process of its own, start-up included.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import autotrain
from autotrain.analysis.stored_study import StoredStudy
from autotrain.space import Choice, Fixed
from autotrain.trial import derive_seed
from machine import machine_line

REAL = 12


def make_study(runs: Path, trials: int, epochs: int, name: str = "large") -> StoredStudy:
    """A study of so many trials, of which the first are real."""
    study = autotrain.search(
        "digits_cnn", study=name, runs=runs, trials=REAL, epochs=epochs, workers=2, gpus="none",
        pruner="asha", display="none", report=False,
    )  # fmt: skip
    _make_up(study, range(REAL, trials), epochs)
    return autotrain.load_study(name, runs)


def _make_up(study: StoredStudy, numbers: range, epochs: int) -> None:
    """Write trials as a search would have: rows of the database, and the files of each."""
    import optuna
    import sqlalchemy as sql
    from optuna.storages._rdb import models

    from autotrain.storage.optuna_storage import open_storage
    from autotrain.tuner.samplers.optuna import distribution

    engine = open_storage(study.storage_url).engine
    assert engine is not None
    found = {
        name: distribution(parameter)
        for name, parameter in study.settings.space.parameters.items()
        if not isinstance(parameter, Fixed)
    }
    texts = {name: optuna.distributions.distribution_to_json(d) for name, d in found.items() if d}
    begin = datetime(2026, 1, 1)
    least = min(t.values[0] for t in study.ranking() if t.state == "COMPLETE")
    with engine.begin() as connection:
        first = connection.execute(sql.text("select max(trial_id) from trials")).scalar() + 1
        owner = connection.execute(sql.text("select max(study_id) from trials")).scalar()
        rows: dict[type, list[dict]] = {model: [] for model in (
            models.TrialModel, models.TrialParamModel, models.TrialValueModel,
            models.TrialUserAttributeModel, models.TrialIntermediateValueModel)}  # fmt: skip
        for number in numbers:
            draw = random.Random(derive_seed(1, number))
            pruned = draw.random() < 0.7
            last = epochs
            params = {name: _draw(p, draw) for name, p in study.settings.space.parameters.items()}
            params = study.settings.space.active(params)
            curve = _curve(draw, last, least * 0.95)
            trial_id = first + number
            rows[models.TrialModel].append({
                "trial_id": trial_id, "number": number, "study_id": owner,
                "state": "PRUNED" if pruned else "COMPLETE",
                "_datetime_start_utc": begin + timedelta(seconds=5 * number),
                "_datetime_complete_utc": begin + timedelta(seconds=5 * number + 9)})  # fmt: skip
            for name in params:
                if name in texts:
                    rows[models.TrialParamModel].append({
                        "trial_id": trial_id, "param_name": name,
                        "param_value": found[name].to_internal_repr(params[name]),
                        "distribution_json": texts[name]})  # fmt: skip
            rows[models.TrialValueModel].append({
                "trial_id": trial_id, "objective": 0, "value": max(curve), "value_type": "FINITE"})  # fmt: skip
            facts = {"best_epoch": 1 + curve.index(max(curve)), "last_epoch": last, "seconds": 4.0}
            rows[models.TrialUserAttributeModel] += [
                {"trial_id": trial_id, "key": k, "value_json": json.dumps(v)}
                for k, v in facts.items()
            ]
            rows[models.TrialIntermediateValueModel] += [
                {"trial_id": trial_id, "step": epoch, "intermediate_value": value,
                 "intermediate_value_type": "FINITE"} for epoch, value in enumerate(curve, 1)
            ]  # fmt: skip
            _files(study, number, params, curve)
        for model, many in rows.items():
            if many:
                connection.execute(sql.insert(model), many)


def _draw(parameter, draw: random.Random):
    if isinstance(parameter, Fixed):
        return parameter.value
    if isinstance(parameter, Choice):
        return draw.choice(parameter.values)
    low, high = parameter.low, parameter.high
    if getattr(parameter, "log", False):
        value = math.exp(draw.uniform(math.log(low), math.log(high)))
    else:
        value = draw.uniform(low, high)
    step = parameter.step
    value = low + round((value - low) / step) * step if step else value
    return round(value) if parameter.kind == "int" else min(max(value, low), high)


def _curve(draw: random.Random, last: int, most: float) -> list[float]:
    end, pace = most * draw.betavariate(4, 1.2), draw.uniform(1, 8)
    return [end * (1 - math.exp(-e / pace)) + draw.gauss(0, 0.003) for e in range(1, last + 1)]


def _files(study: StoredStudy, number: int, params: dict, curve: list[float]) -> None:
    folder = study.paths.trial(number)
    folder.root.mkdir(parents=True, exist_ok=True)
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["epoch", "seconds", "loss", "accuracy", "val_loss", "val_accuracy"])
    for epoch, value in enumerate(curve, 1):
        writer.writerow([epoch, "0.0800", 1 - value, value, 1.02 - value, value])
    folder.metrics.write_text(lines.getvalue())
    folder.config.write_text(f"study: large\ntrial: {number}\n")


def timed(words: list[str]) -> float:
    begin = time.perf_counter()
    answer = subprocess.run([sys.executable, "-m", "autotrain.cli", *words],
                            capture_output=True, text=True, check=False)  # fmt: skip
    if answer.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{answer.stderr}")
    return time.perf_counter() - begin


@contextmanager
def dashboard(runs: Path) -> Iterator[str]:
    """The address of a dashboard in a process of its own."""
    words = [
        sys.executable,
        "-m",
        "autotrain.cli",
        "dashboard",
        "--no-open",
        "--port",
        "0",
        "--runs",
        str(runs),
    ]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split("is at ")[1].split()[0]
        finally:
            process.terminate()


def views(runs: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds until pages are seen in a headless browser, each round with a new server and browser."""
    from playwright.sync_api import sync_playwright

    browser = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    )
    ours = f"study/{autotrain.load_study('large', runs).settings.id}"
    pages = {
        "all studies, first of all": ("", "#studies"),
        "a study's state": (ours, ".bar"),
        "its first figure": (ours, ".js-plotly-plot .main-svg"),
        "its table of trials": (f"{ours}/trials", ".ag-row"),
    }
    found: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(rounds):
        with dashboard(runs) as address, sync_playwright() as playwright:
            window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            for name, (path, sign) in pages.items():
                page = window.new_page()
                begin = time.perf_counter()
                page.goto(address + path, wait_until="commit")
                page.wait_for_selector(sign)
                found[name].append(time.perf_counter() - begin)
                page.close()
            window.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder to make the study in, and to leave it")
    options = parser.parse_args()
    print(machine_line("autotrain", "optuna", "plotly", "pandas"))
    runs = options.keep or Path(tempfile.mkdtemp(prefix="autotrain-results-"))
    try:
        if not (runs / "large").exists():
            begin = time.perf_counter()
            make_study(runs, options.trials, options.epochs)
            print(f"made the study in {time.perf_counter() - begin:.0f} s")
        where = ["--runs", str(runs), "--gpus", "none"]
        timed(["leaderboard", "large", *where])  # which measures the best ten models once
        rows = {
            "leaderboard": lambda: timed(["leaderboard", "large", *where]),
            "report": lambda: timed(["report", "large", *where]),
            "studies": lambda: timed(["studies", "--runs", str(runs)]),
            "show": lambda: timed(["show", "large", "--runs", str(runs)]),
        }
        print(
            f"{options.trials} trials of {options.epochs} epochs each, medians of {options.rounds}:"
        )
        for name, act in rows.items():
            print(
                f"  {name:<12} {statistics.median(act() for _ in range(options.rounds)):6.2f} s",
                flush=True,
            )
        size = (runs / "large" / "report.html").stat().st_size
        print(f"  report.html  {size / 1e6:6.2f} MB")
        for name, times in views(runs, options.rounds).items():
            print(f"  dashboard, {name:<26} {statistics.median(times):6.2f} s")
    finally:
        if options.keep is None:
            shutil.rmtree(runs)


if __name__ == "__main__":
    main()
