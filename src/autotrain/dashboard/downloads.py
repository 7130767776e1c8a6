"""Files of studies and trials, asked for by id and kind, never by a path."""

from __future__ import annotations

from pathlib import Path

import flask

from autotrain.dashboard.state import Watched, Watcher
from autotrain.reports.html import PLOTLY, STYLE

TRIAL_FILES = ("config", "metrics", "log")  # each a name of `TrialPaths`
# The report is a page of its own, without the rights of this one.
_SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; img-src data: blob:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"
)
PLOTLY_URL = "/_dash-component-suites/plotly/package_data/plotly.min.js"
STYLE_URL = "/assets/style.css"


def serve_files(server: flask.Flask, watcher: Watcher) -> None:
    """Add the routes of files; what does not exist is 404."""

    @server.before_request
    def plotly() -> flask.Response | None:
        """Plotly's strict bundle where Dash asks for the other one."""
        if flask.request.path != PLOTLY_URL:
            return None
        answer = flask.Response(PLOTLY.read_bytes(), mimetype="text/javascript")
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Cache-Control"] = "max-age=86400"
        return answer

    @server.get(STYLE_URL)
    def style() -> flask.Response:
        """The style sheet of all pages, reports too."""
        return _sent(STYLE, "text/css")

    @server.get("/files/<study>/<int:number>/<kind>")
    def trial_file(study: str, number: int, kind: str) -> flask.Response:
        watched = _watched(watcher, study)
        if kind not in TRIAL_FILES or number >= len(watched.study.trials):
            flask.abort(404)
        return _sent(getattr(watched.study.paths.trial(number), kind), "text/plain")

    @server.get("/files/<study>/report")
    def report(study: str) -> flask.Response:
        answer = _sent(_watched(watcher, study).study.paths.report, "text/html")
        answer.headers["Content-Security-Policy"] = _SANDBOX
        return answer


def _watched(watcher: Watcher, id: str) -> Watched:
    found = watcher.study(id)
    return found if found is not None else flask.abort(404)


def _sent(path: Path, kind: str) -> flask.Response:
    if not path.is_file():
        flask.abort(404)
    return flask.send_file(path.resolve(), mimetype=kind)
