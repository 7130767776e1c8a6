"""The pages in a real browser: what they show, that they follow a search, that nothing does harm."""

from __future__ import annotations

import json
import threading
import urllib.request

import pytest

import autotrain
from autotrain.reports.figures.search import FIGURES
from autotrain.storage.metrics_csv import read_epochs

HOSTILE = "</script><img src=x onerror=alert(1)>\"'`{{7*7}} 🎛 " + "long" * 1250  # 5 kB
QUICK = {"workers": 0, "pruner": "none", "sampler": "random", "report": False}


def search(folder, name, objective, trials, epochs=3, **more):
    space = autotrain.Space(
        {"x": autotrain.Float(0.0, 1.0), "rate": autotrain.Float(1e-4, 1.0, log=True),
         "kind": autotrain.Choice(["a", HOSTILE[:200]])},
        "val_loss", name="function", budget={"epochs": epochs},
    )  # fmt: skip
    return autotrain.search(space, objective=objective, trials=trials, runs=folder, study=name,
                            display="none", **{**QUICK, **more})  # fmt: skip


def falling(params, reporter):
    if params["x"] > 0.8:
        raise ValueError(HOSTILE[:300])
    for epoch in range(1, reporter.epochs + 1):
        reporter.report(epoch, val_loss=params["x"] / epoch)


@pytest.fixture(scope="module")
def site(runs, serve):
    with serve(runs) as address:
        yield address


@pytest.fixture(scope="module")
def study(runs):
    return autotrain.load_study("one", runs)


def test_the_index_leads_to_everything(visit, site, study):
    seen = visit(site)
    seen.open("/")
    seen.wait_for("3 of 3: 3 COMPLETE")
    seen.page.click("text=one")
    seen.wait_for("Optimization history")
    assert seen.page.title() == "one · autotrain"
    seen.page.click("nav >> text=Trials")
    seen.page.wait_for_selector(".ag-row")
    seen.page.click(".ag-row a >> nth=0")
    seen.wait_for("it was trained to its end")
    assert seen.said == []


@pytest.mark.compat  # Dash asks for Plotly where we serve the strict bundle
def test_every_figure_is_drawn(visit, tmp_path, serve):
    search(tmp_path, "figures", falling, 16)
    study = autotrain.load_study("figures", tmp_path)
    with serve(tmp_path) as address:
        seen = visit(address)
        seen.open(f"/study/{study.settings.id}")
        drawn = "document.querySelectorAll('.js-plotly-plot:has(.main-svg)').length"
        seen.until(f"{drawn} == {len(FIGURES)}")
        for title in ("Optimization history", "Learning curves", "Importance of parameters",
                      "Parallel coordinates", "Slices", "Contour", "Time line of the workers"):  # fmt: skip
            assert title in seen.text()
        assert seen.page.query_selector(".parcoords") is not None
        assert seen.said == []


def test_a_page_of_one_trial(visit, site, study):
    seen = visit(site)
    trial = study.trials[1]
    seen.open(f"/study/{study.settings.id}/trial/1")
    seen.wait_for("why it ended")
    seen.page.wait_for_selector(".js-plotly-plot .main-svg")
    text = seen.text()
    for name in trial.params:
        assert name in text
    assert f"{trial.values[0]:.4g}" in text
    with seen.page.context.expect_page() as opened:
        seen.page.click("text=config")
    assert "study: one" in opened.value.inner_text("body")
    assert seen.said == []


def test_the_grid_sorts_and_filters(visit, site, study):
    seen = visit(site)
    seen.open(f"/study/{study.settings.id}/trials")
    seen.page.wait_for_selector(".ag-row")
    rows = "document.querySelectorAll('.ag-center-cols-container .ag-row').length"
    assert seen.page.evaluate(rows) == 3
    seen.page.fill("input[aria-label='trial Filter Input']", "2")
    seen.until(f"{rows} == 1")
    seen.page.fill("input[aria-label='trial Filter Input']", "")
    seen.until(f"{rows} == 3")
    seen.page.click(".ag-header-cell-text:text-is('val_accuracy')")
    seen.page.click(".ag-header-cell-text:text-is('val_accuracy')")
    best = str(study.ranking()[0].number)
    first = "document.querySelector('.ag-pinned-left-cols-container [row-index=\"0\"]').innerText.trim()"
    seen.until(f"{first} == '{best}'")
    assert seen.said == []


def test_trials_and_studies_are_compared(visit, site, study, runs):
    seen = visit(site)
    seen.open(f"/study/{study.settings.id}/trials")
    seen.page.wait_for_selector(".ag-row")
    for row in (0, 1):
        seen.page.click(f".ag-center-cols-container [row-index='{row}'] .ag-checkbox-input")
    seen.until("document.querySelector('#grid-compare').href.includes(',')")
    seen.page.click("text=compare them")
    seen.wait_for("Compare trials")
    assert "learning_rate" in seen.text("#compared")
    other = autotrain.load_study("two", runs)
    seen.open(f"/compare?studies={study.settings.id},{other.settings.id}")
    assert "fingerprint" in seen.text("#compared")
    seen.page.click("nav >> text=without two")
    seen.wait_for("with two")
    assert seen.said == []


def test_the_leaderboard_page_measures_nothing(visit, site, study, runs):
    before = sorted(path for path in runs.rglob("*") if "tmp" not in path.name)
    seen = visit(site)
    seen.open(f"/leaderboard?studies={study.settings.id}")
    seen.page.wait_for_selector(".ag-row")
    assert f"{study.best_value:.4g}"[:5] in seen.text()
    assert sorted(path for path in runs.rglob("*") if "tmp" not in path.name) == before
    assert seen.said == []


def test_addresses_that_lead_nowhere_say_so(visit, site, study):
    seen = visit(site)
    for path in ("/nothing", "/study/none", f"/study/{study.settings.id}/trial/99",
                 f"/study/{study.settings.id}/trial/x", "/compare?trials=a.1,b.2"):  # fmt: skip
        seen.open(path)
        assert any(words in seen.text() for words in ("no such", "Tick two"))
    assert seen.said == []


def test_hostile_names_are_only_shown(visit, tmp_path, serve):
    search(tmp_path, HOSTILE, falling, 12)
    study = autotrain.load_study(HOSTILE, tmp_path)
    with serve(tmp_path) as address:
        seen = visit(address)
        seen.open("/")
        seen.wait_for("onerror")
        ours = f"/study/{study.settings.id}"
        failed = next(t.number for t in study.trials if t.status == "FAIL")
        for path in (ours, f"{ours}/trials", f"{ours}/trial/{failed}", f"/leaderboard?studies={study.settings.id}",
                     f"/compare?trials={study.settings.id}.0,{study.settings.id}.1"):  # fmt: skip
            seen.open(path)
            seen.page.wait_for_timeout(700)
            assert seen.page.query_selector("img[src=x]") is None
        assert seen.said == []


def test_pages_follow_a_running_search(visit, tmp_path, serve):
    go, there = threading.Event(), threading.Event()

    def waiting(params, reporter):
        for epoch in (1, 2):
            reporter.report(epoch, val_loss=params["x"])
            if reporter.epochs and epoch == 1 and not go.is_set():
                there.set()
                go.wait(60)

    thread = threading.Thread(target=search, args=(tmp_path, "live", waiting, 4, 2))
    thread.start()
    try:
        assert there.wait(60)
        with serve(tmp_path) as address:
            study = autotrain.load_study("live", tmp_path)
            page, table = visit(address), visit(address)
            page.open(f"/study/{study.settings.id}")
            page.wait_for("1 of 4: 1 RUNNING")
            page.wait_for("searching")
            table.open(f"/study/{study.settings.id}/trials")
            table.wait_for("RUNNING")
            for seen in (page, table):
                seen.page.evaluate("window.same = true")
            go.set()
            page.wait_for("4 of 4: 4 COMPLETE")
            page.wait_for("at rest")
            rows = "document.querySelectorAll('.ag-center-cols-container .ag-row').length == 4"
            table.until(rows)
            table.wait_for("COMPLETE")
            for seen in (page, table):
                assert seen.page.evaluate("window.same")  # nothing was loaded again
                assert seen.said == []
    finally:
        go.set()
        thread.join()


def test_a_phone_needs_no_sideways_scrolling(visit, site, study):
    seen = visit(site)
    seen.page.set_viewport_size({"width": 390, "height": 800})
    for path in ("/", f"/study/{study.settings.id}", f"/study/{study.settings.id}/trial/0"):
        seen.open(path)
        seen.page.wait_for_timeout(700)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert seen.page.evaluate(wide) <= 1, path


def test_a_search_loses_nothing_to_five_clients(tmp_path, serve):
    """Each client asks for everything as fast as it is answered, while the search reports."""
    trials, epochs = 60, 5
    stop, asked = threading.Event(), []

    with serve(tmp_path) as address:

        def ask(kinds):
            while not stop.is_set():
                studies = list(tmp_path.glob("*/study.yaml"))
                id = autotrain.load_study("busy", tmp_path).settings.id if studies else ""
                ids = [{"seen": kind, "of": id} for kind in kinds]
                asked.append(_update(address, ids))

        kinds = ["summary", *(f"figure:{name}" for name in FIGURES)]
        clients = [threading.Thread(target=ask, args=(kinds,)) for _ in range(5)]
        for client in clients:
            client.start()
        try:
            search(tmp_path, "busy", falling, trials, epochs)
        finally:
            stop.set()
            for client in clients:
                client.join()
    assert len(asked) > 5
    assert set(asked) <= {200, 204}
    study = autotrain.load_study("busy", tmp_path)
    assert [t.number for t in study.trials] == list(range(trials))
    for trial in study.trials:
        whole = epochs if trial.status == "COMPLETE" else 0
        assert len(read_epochs(study.paths.trial(trial.number).metrics)) == whole
    assert study.counts.get("RUNNING", 0) == 0


def _update(address, ids):
    """What a page asks for at each look, all of it new to it; the status of the answer."""

    def all_of(key, prop):
        return [{"id": {"live" if key == "live" else "seen": i["seen"], "of": i["of"]},
                 "property": prop} for i in ids]  # fmt: skip

    every = '{"live":["ALL"],"of":["ALL"]}'
    body = {
        "output": f'..{every}.children...{{"of":["ALL"],"seen":["ALL"]}}.data...tick.interval..',
        "outputs": [all_of("live", "children"), all_of("seen", "data"),
                    {"id": "tick", "property": "interval"}],
        "inputs": [{"id": "tick", "property": "n_intervals", "value": 1}],
        "state": [
            [{**item, "value": item["id"]} for item in all_of("seen", "id")],
            [{**item, "value": -1} for item in all_of("seen", "data")],
            {"id": "tick", "property": "interval", "value": 1500},
        ],
        "changedPropIds": ["tick.n_intervals"],
    }  # fmt: skip
    request = urllib.request.Request(
        f"{address}_dash-update-component", json.dumps(body).encode(),
        {"Content-Type": "application/json", "Origin": address.rstrip("/")},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
