"""The report: what is in it, that nothing in it can do harm, and how a browser shows it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import numpy as np
import pytest

import autotrain
from autotrain import load_study
from autotrain.analysis.measurements import Predictions
from autotrain.errors import StudyError
from autotrain.reports.figures.predictions import (
    calibration,
    confusion,
    image_uri,
    misclassifications,
    predicted,
)
from autotrain.reports.html import digest
from autotrain.reports.report import Material, report
from autotrain.tasks.classification import CLASSIFICATION
from autotrain.tasks.regression import REGRESSION

BROWSER = next(
    (name for name in ("chromium", "chromium-browser", "google-chrome") if shutil.which(name)), None
)
HOSTILE = "</script><img src=x onerror=alert(1)>\"'` 🎛"


@pytest.fixture(scope="module")
def page(runs, tmp_path_factory):
    file = tmp_path_factory.mktemp("report") / "report.html"
    assert load_study("one", runs).report(file) == file
    return file


def plots(text):
    return [json.loads(found) for found in re.findall(r'application/json">(.*?)</script>', text)]


def test_it_has_every_part(page):
    text = page.read_text("utf-8")
    for title in ("What was asked", "Data", "The search", "The best: trial", "Provenance"):
        assert f">{title}" in text
    for title in ("Balance of classes", "Optimization history", "Learning curves",
                  "Parallel coordinates", "Time line of the workers", "Its learning curves", "Confusion matrix",
                  "ROC, each class against the rest", "Calibration",
                  "Precision and recall, each class against the rest"):  # fmt: skip
        assert f"<h3>{title}</h3>" in text
    assert text.count("<figcaption>") == text.count("<figure>") == len(plots(text))
    assert text.count('role="img" aria-label=') == len(plots(text))
    assert "The wrong answers that it was surest of" in text


def test_it_is_one_file_that_asks_for_nothing_else(page):
    text = page.read_text("utf-8")
    assert page.stat().st_size < 8_000_000
    outside = re.sub(r"<script>.*?</script>", "", text, flags=re.S)
    assert not re.findall(r'(?:src|href)="(?!#|data:)', outside)
    assert "default-src 'none'" in text


def test_figures_are_the_study(page, runs):
    study = autotrain.load_study("one", runs)
    history = plots(page.read_text("utf-8"))[1]["data"]
    dots = {x: y for trace in history if trace["mode"] == "markers"
            for x, y in zip(trace["x"], trace["y"], strict=True)}  # fmt: skip
    assert dots == {t.number: t.values[0] for t in study.trials}


def test_a_function_s_study_has_a_report_without_a_model(tmp_path):
    space = autotrain.Space(
        {"x": autotrain.Float(0.0, 1.0), "kind": autotrain.Choice([HOSTILE, "b"])},
        "val_loss", name="function", budget={"epochs": 3},
    )  # fmt: skip

    def objective(params, reporter):
        if params["x"] > 0.6:
            raise ValueError(HOSTILE)
        for epoch in range(1, 4):
            reporter.report(epoch, val_loss=params["x"] / epoch)

    autotrain.search(space, objective=objective, workers=0, trials=14, runs=tmp_path,
                     study=HOSTILE, pruner="none", sampler="random", display="none")  # fmt: skip
    text = load_study(HOSTILE, tmp_path).report().read_text("utf-8")
    assert "<img src=x" not in text
    assert "Failures" in text
    assert "Importance of parameters" in text
    assert "Its outputs are not known" in text


def test_an_unknown_study_is_named(runs):
    with pytest.raises(StudyError, match="no study 'on'"):
        load_study("on", runs)


def predictions(count=200):
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 3, count)
    return Predictions(
        CLASSIFICATION, rng.normal(size=(count, 3)) + 2 * np.eye(3)[targets], targets, "abc"
    )


def test_the_confusion_matrix_counts_examples():
    found = predictions()
    table = confusion(found).plot["data"][0]["z"]
    dense = np.array(table if isinstance(table, list) else _decoded(table))
    assert dense.sum() == 200
    assert dense[0, 1] == ((found.targets == 0) & (found.shown == 1)).sum()


def _decoded(packed):
    import base64

    flat = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
    return flat.reshape([int(n) for n in packed["shape"].split(",")])


def test_a_perfectly_calibrated_model_has_no_error():
    rng = np.random.default_rng(0)
    chance = rng.uniform(0.5, 1.0, 20_000)
    targets = (rng.uniform(size=20_000) > chance).astype(int)
    logits = np.stack([np.log(chance), np.log(1 - chance)], axis=1)
    what = calibration(Predictions(CLASSIFICATION, logits, targets, ["a", "b"])).what
    assert float(re.search(r"error is (\d\.\d+)", what)[1]) < 0.02


def test_mistakes_are_the_surest_first():
    found = misclassifications(predictions())
    assert [m.sure for m in found] == sorted((m.sure for m in found), reverse=True)
    assert all(m.said != m.was for m in found)


def test_numbers_are_drawn_over_the_truth():
    figure = predicted(Predictions(REGRESSION, np.ones((5, 1)), np.arange(5.0), ["price"]))
    assert figure.title == "Predicted and true"


@pytest.mark.parametrize("channels", [1, 3])
def test_images_of_any_kind_become_pngs(channels):
    assert image_uri(np.zeros((8, 6, channels))).startswith("data:image/png;base64,iVBOR")


def test_an_empty_study_has_a_report(runs):
    study = autotrain.load_study("one", runs)
    study.trials = []
    assert "What was asked" in report(study, Material())


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_a_browser_draws_every_figure_without_a_word_on_its_console(page, tmp_path):
    probe = tmp_path / "probe.html"
    check = """addEventListener('load', () => { document.querySelectorAll('.plot').forEach(draw);
      setTimeout(() => { document.title = 'drawn ' + document.querySelectorAll('.plot .main-svg').length
        + ' of ' + document.querySelectorAll('.plot').length; document.body.dataset.said = said.join('|');
      }, 3000) });"""
    listen = """const said = []; addEventListener('error', (e) => said.push(e.message));
      addEventListener('securitypolicyviolation', (e) => said.push('csp ' + e.violatedDirective + e.blockedURI));"""
    text = page.read_text("utf-8")
    ours = "".join(f" '{digest(script)}'" for script in (listen, check))
    probe.write_text(
        text.replace("script-src", f"script-src{ours}", 1)
        .replace("<title>", f"<script>{listen}</script><title>", 1)
        .replace("</body>", f"<script>{check}</script></body>")
    )
    words = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000",
             "--dump-dom", f"--user-data-dir={tmp_path / 'profile'}", probe.as_uri()]  # fmt: skip
    answer = subprocess.run(words, capture_output=True, text=True, timeout=120)
    drawn, whole = map(int, re.search(r"<title>drawn (\d+) of (\d+)", answer.stdout).groups())
    assert drawn >= whole > 8
    assert 'data-said=""' in answer.stdout
