"""All trials of a study in a grid that sorts, filters, and follows the search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from autotrain.analysis.stored_study import StoredStudy
from autotrain.dashboard.components import rounded, trial_url
from autotrain.dashboard.pages.study import heading
from autotrain.dashboard.state import Watched
from autotrain.files import JsonObject
from autotrain.trial import Trial

GRID, SEEN, COMPARE = "grid", "grid-seen", "grid-compare"
_OPTIONS = {
    "rowSelection": {"mode": "multiRow", "enableClickSelection": False},
    "suppressFieldDotNotation": True,  # a name may hold dots
    "enableCellTextSelection": True,
    "animateRows": False,
}


def grid(rows: list[JsonObject], columns: list[JsonObject], id: str, large: bool = True) -> Any:
    """A grid in the style of all pages; each row has an `id`, a text.

    Args:
        large: as high as the window, with filters, and rows to choose.
    """
    plain = {"domLayout": "autoHeight", "suppressFieldDotNotation": True}
    return dag.AgGrid(
        id=id, rowData=rows, columnDefs=columns, getRowId="params.data.id",
        defaultColDef={"sortable": True, "filter": large, "resizable": True, "floatingFilter": large,
                       "minWidth": 90},
        columnSize="autoSize", dashGridOptions=_OPTIONS if large else plain,
        style={"height": "75vh" if large else None},
    )  # fmt: skip


def number_column(field: str, name: str, **more: object) -> JsonObject:
    """A column of numbers."""
    return {"field": field, "headerName": name, "type": "rightAligned",
            "filter": "agNumberColumnFilter", **more}  # fmt: skip


def text_column(field: str, name: str, **more: object) -> JsonObject:
    """A column of texts."""
    return {"field": field, "headerName": name, "filter": "agTextColumnFilter", **more}


def columns(study: StoredStudy) -> list[JsonObject]:
    """What is known of a trial, then its parameters; fields are short names of our own."""
    space = study.settings.space
    found = [
        number_column("trial", "trial", pinned="left", cellRenderer="TrialLink", width=90),
        text_column("state", "state"),
        *(number_column(f"m{i}", o.metric) for i, o in enumerate(space.objectives)),
        number_column("epochs", "epochs"),
        number_column("best", "best at"),
        number_column("seconds", "seconds"),
    ]
    for i, (name, parameter) in enumerate(space.parameters.items()):
        values = getattr(parameter, "values", [])
        numbers = values and all(type(value) in (int, float) for value in values)
        numeric = parameter.kind in ("int", "float") or numbers
        found.append((number_column if numeric else text_column)(f"p{i}", name))
    return [*found, text_column("why", "why it failed")]


def row(watched: Watched, trial: Trial) -> JsonObject:
    """One trial."""
    found: JsonObject = {
        "id": str(trial.number),
        "trial": trial.number,
        "href": trial_url(watched, trial.number),
        "state": trial.status,
        "epochs": trial.last_epoch,
        "best": trial.best_epoch or None,
        "seconds": trial.seconds or None,
        "why": trial.cause[:500],
    }
    found |= {f"m{i}": _plain(value) for i, value in enumerate(trial.values)}
    for i, name in enumerate(watched.study.settings.space.parameters):
        if name in trial.params:
            found[f"p{i}"] = _plain(trial.params[name])
    return found


def _plain(value: object) -> Any:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return rounded(value) if plain else str(value)


def rows(watched: Watched, trials: Iterable[Trial]) -> list[JsonObject]:
    """Several trials."""
    return [row(watched, trial) for trial in trials]


def news(watched: Watched, seen: int) -> dict[str, list[JsonObject]]:
    """What to change in a grid of an older version: rows to add, and rows to replace."""
    known, began = watched.changed, watched.began
    changed = [t for t in watched.study.trials if known.get(t.number, 0) > seen]
    new = [trial for trial in changed if began.get(trial.number, 0) > seen]
    old = [trial for trial in changed if began.get(trial.number, 0) <= seen]
    return {"add": rows(watched, new), "update": rows(watched, old)}


def show(watched: Watched) -> list[Component]:
    """The page."""
    study = watched.study
    return [
        heading(watched, "trials"),
        html.P(
            [
                "Click a heading to sort, type below it to filter; tick trials and ",
                dcc.Link("compare them", id=COMPARE, href="/compare"),
                ".",
            ]
        ),
        grid(rows(watched, study.trials), columns(study), GRID),
        dcc.Store(id=SEEN, data={"study": study.settings.id, "version": watched.version}),
    ]
