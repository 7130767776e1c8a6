"""The dashboard's server: routes, live updates, and the port it listens at."""

from __future__ import annotations

import secrets
import socket
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import dash
import flask
from dash import ALL, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from autotrain.dashboard.components import nothing
from autotrain.dashboard.downloads import PLOTLY_URL, STYLE_URL, serve_files
from autotrain.dashboard.pages import compare, study, trial, trials
from autotrain.dashboard.pages import leaderboard as board
from autotrain.dashboard.pages import studies as index
from autotrain.dashboard.security import LOCAL, guard
from autotrain.dashboard.state import Watched, Watcher
from autotrain.errors import ConfigurationError
from autotrain.reports.figures.search import FIGURES

PORT = 8050
_PORTS = 50  # tried one after another
_EVERY = 1500  # milliseconds between two looks at what is new
_SOON = 100  # milliseconds, while parts of the page are missing
_AT_ONCE = 2  # parts in one answer, so that the first of them are seen while others are drawn
_THREADS = 8


def build(watcher: Watcher, token: str | None = None) -> flask.Flask:
    """The application.

    Args:
        token: see `guard`.
    """
    app = dash.Dash(
        "autotrain", assets_folder=str(Path(__file__).with_name("assets")), title="autotrain",
        update_title="", suppress_callback_exceptions=True, add_log_handler=False,
        enable_mcp=False, use_pages=False, external_stylesheets=[STYLE_URL],
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )  # fmt: skip
    app.index_string = app.index_string.replace(
        "</head>", f'<link rel="prefetch" as="script" href="{PLOTLY_URL}"></head>'
    )
    app.layout = html.Div([
        dcc.Location(id="url", refresh="callback-nav"),
        html.Header([
            dcc.Link("autotrain", href="/", className="brand"),
            dcc.Link("Studies", href="/"), dcc.Link("Leaderboard", href="/leaderboard"),
        ], className="top"),
        html.Main(id="page"),
        dcc.Interval(id="tick", interval=_EVERY),
    ])  # fmt: skip
    _add_pages(app, watcher)
    _add_grid(app, watcher)
    server: flask.Flask = app.server
    guard(server, app.csp_hashes(), token)
    serve_files(server, watcher)
    return server


def _add_pages(app: dash.Dash, watcher: Watcher) -> None:
    @app.callback(Output("page", "children"), Input("url", "pathname"), Input("url", "search"))
    def page(path: str, search: str) -> Component:
        values = {key: found[0] for key, found in parse_qs((search or "").lstrip("?")).items()}
        return _page(watcher, (path or "/").strip("/").split("/"), values)

    @app.callback(
        Output({"live": ALL, "of": ALL}, "children"), Output({"seen": ALL, "of": ALL}, "data"),
        Output("tick", "interval"),
        Input("tick", "n_intervals"),
        State({"seen": ALL, "of": ALL}, "id"), State({"seen": ALL, "of": ALL}, "data"),
        State("tick", "interval"), running=[(Output("tick", "disabled"), True, False)],
    )  # fmt: skip
    def update(_: Any, ids: list[dict[str, str]], seen: list[Any], every: int) -> Any:
        children, versions, made = [], [], 0
        for id, known in zip(ids, seen, strict=True):
            late = made == _AT_ONCE
            part = None if late else _part(watcher, id["seen"], id["of"], known)
            made += part is not None
            children.append(no_update if part is None else part[0])
            versions.append(no_update if part is None else part[1])
        pace = _SOON if made == _AT_ONCE else _EVERY
        if not made and pace == every:
            raise dash.exceptions.PreventUpdate
        return children, versions, pace


def _page(watcher: Watcher, parts: list[str], values: dict[str, str]) -> Component:
    """What stands at an address."""
    if parts == [""]:
        return [html.H1("Studies"), _live("index", "")]
    if parts == ["leaderboard"]:
        return board.show(_studies(watcher, values.get("studies", "")) or watcher.all())
    if parts == ["compare"] and "studies" in values:
        return _compared(watcher, values["studies"])
    if parts == ["compare"]:
        return compare.show_trials(_trials(watcher, values.get("trials", "")))
    watched = watcher.study(parts[1]) if len(parts) > 1 and parts[0] == "study" else None
    if watched is None:
        return [html.H1("Not here"), nothing("There is no such page, or no such study any more.")]
    live = partial(_live, of=watched.study.settings.id)
    if parts[2:] == ["trials"]:
        return trials.show(watched)
    if parts[2:3] == ["trial"] and len(parts) == 4:
        found = trial.find(watched, parts[3])
        if found is None:
            return [study.heading(watched, "-"), nothing("The study has no such trial.")]
        return trial.show(watched, found, live)
    return study.show(watched, live)


def _live(kind: str, of: str) -> Component:
    """A part of a page that is filled at once, and again whenever something is new."""
    return html.Div([
        html.Div(id={"live": kind, "of": of}), dcc.Store(id={"seen": kind, "of": of}, data=-1)
    ])  # fmt: skip


def _part(watcher: Watcher, kind: str, of: str, seen: object) -> tuple[Any, Any] | None:
    """A live part and its version; None where a page has it already."""
    if kind == "index":
        studies = watcher.all()
        state = [len(watcher.broken), *([w.study.settings.id, w.version] for w in studies)]
        return None if state == seen else (index.show(watcher), state)
    watched = watcher.study(of)
    if watched is None or watched.version == seen:
        return None
    version = watched.version
    name, _, rest = kind.partition(":")
    if name == "summary":
        return study.summary(watched), version
    if name == "figure" and rest in FIGURES:
        made, version = study.figure(watched, rest)
        return None if version == seen else (made, version)
    found = trial.find(watched, rest) if name == "trial" else None
    return None if found is None else (trial.progress(watched, found), version)


def _add_grid(app: dash.Dash, watcher: Watcher) -> None:
    @app.callback(
        Output(trials.GRID, "rowTransaction"), Output(trials.SEEN, "data"),
        Input("tick", "n_intervals"), State(trials.SEEN, "data"), prevent_initial_call=True,
    )  # fmt: skip
    def follow(_: object, seen: dict[str, Any]) -> Any:
        watched = watcher.study(seen["study"])
        if watched is None or watched.version == seen["version"]:
            raise dash.exceptions.PreventUpdate
        version = watched.version
        return trials.news(watched, seen["version"]), {**seen, "version": version}

    @app.callback(
        Output(trials.COMPARE, "href"), Input(trials.GRID, "selectedRows"),
        State(trials.SEEN, "data"),
    )  # fmt: skip
    def choose(rows: list[dict[str, Any]] | None, seen: dict[str, Any]) -> str:
        chosen = ",".join(f"{seen['study']}.{row['trial']}" for row in rows or [])
        return f"/compare?trials={chosen}"


def _compared(watcher: Watcher, text: str) -> list[Component]:
    chosen = _studies(watcher, text)
    ids = {watched.study.settings.id for watched in chosen}
    others = [watched for watched in watcher.all() if watched.study.settings.id not in ids]
    return compare.show_studies(chosen, others)


def _studies(watcher: Watcher, text: str) -> list[Watched]:
    found = (watcher.study(id) for id in text.split(",")[: compare.MOST] if id)
    return [watched for watched in found if watched is not None]


def _trials(watcher: Watcher, text: str) -> list[Component]:
    chosen = []
    for item in text.split(",")[: compare.MOST]:
        id, _, number = item.rpartition(".")
        watched = watcher.study(id)
        found = trial.find(watched, number) if watched is not None else None
        if watched is not None and found is not None:
            chosen.append((watched, found))
    return chosen


def listen(host: str, port: int | None) -> socket.socket:
    """A socket at the port, or, where none was asked for, at the next free one.

    Raises:
        ConfigurationError: there is no such address, or no free port.
    """
    last: OSError | None = None
    for candidate in [port] if port is not None else range(PORT, PORT + _PORTS):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, candidate))
            found.listen()
            return found
        except (OSError, OverflowError) as error:
            found.close()
            last = error if isinstance(error, OSError) else OSError(str(error))
    what = f"port {port}" if port is not None else f"the ports from {PORT} to {PORT + _PORTS - 1}"
    raise ConfigurationError(
        f"the dashboard cannot listen on {host} at {what}: {last}. Choose another with --port"
    )


def create(runs: Path, storage: str | None, host: str, port: int | None) -> tuple[Any, str]:
    """A server that listens, and its address; its `run` serves until it is closed.

    Raises:
        ConfigurationError: see `listen`.
    """
    import waitress

    local = host in LOCAL or host == "::1"
    token = None if local else secrets.token_urlsafe(32)
    found = listen(host, port)
    app = build(Watcher(runs, storage), token)
    server = waitress.create_server(app, sockets=[found], threads=_THREADS)
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host
    shown = f"[{name}]" if ":" in name else name
    address = f"http://{shown}:{found.getsockname()[1]}/"
    return server, address if token is None else f"{address}?token={token}"
