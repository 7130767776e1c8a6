"""A model's card: what it is, how good, how it was found, where it fails; for people and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from autotrain.analysis.leaderboard import Measured
from autotrain.analysis.measurements import Predictions
from autotrain.analysis.statistics import interval, resampled
from autotrain.analysis.stored_study import StoredStudy
from autotrain.data import modality_named
from autotrain.export.formats import FORMATS
from autotrain.reports.figures.predictions import calibration_error
from autotrain.reports.summary import weakest_of
from autotrain.reports.units import bytes_text, number
from autotrain.serving.columns import source_of
from autotrain.tasks import task_named
from autotrain.trial import Trial


def facts_of(
    study: StoredStudy,
    members: Sequence[tuple[Trial, float]],
    predictions: Predictions,
    known: Measured,
    what: str,
) -> dict[str, Any]:
    """The card as JSON.

    Args:
        members: the trials of the model with their weights.
        predictions: its outputs on the validation part.
        known: of the first member, for what was seen on the test part.
        what: how the model came about besides, such as a refit; empty for a trial as it is.
    """
    settings, info = study.settings, study.settings.data
    assert info is not None
    name = settings.space.objectives[0].name
    task = predictions.task
    metrics = task.evaluate(predictions.outputs, predictions.targets)
    table = task.by_class(predictions.outputs, predictions.targets)
    draws = (
        resampled(task, name, predictions.outputs, predictions.targets) if name in metrics else None
    )
    about = dict(settings.about or {})
    counts = study.counts
    return {
        "task": task.name,
        "modality": info.modality,
        "answer": task.answer,
        "classes": [str(name) for name in predictions.names],
        "data": {"source": info.source, "fingerprint": info.fingerprint, "sizes": dict(info.sizes),
                 "split": {"validation": info.validation, "test": info.test, "seed": info.seed}},
        "metrics": {
            "validation": metrics,
            "interval": None if draws is None else {name: list(interval(draws))},
            "test": known.test.get("metrics") if len(members) == 1 and not what else None,
        },
        "limits": {
            "weakest": weakest_of(table, [str(name) for name in predictions.names]),
            "calibration_error": calibration_error(predictions) if task.exclusive else None,
            "by_class": {k: [float(v) for v in values] for k, values in table.items()},
        },
        "members": [{"trial": t.number, "weight": w, "params": dict(t.params)} for t, w in members],
        "what": what,
        "search": {"study": study.name, "study_id": settings.id, "space": settings.space.name,
                   "epochs": settings.epochs, "pruner": settings.pruner, "seed": settings.seed,
                   "backend": settings.backend, "counts": counts,
                   "command": about.get("command"), "git": about.get("git")},
        "versions": about.get("versions", {}),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def readme(card: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    search, limits, check = card["search"], card["limits"], card["check"]
    metrics = card["metrics"]["validation"]
    rows = [f"| {name} | {number(value)} |" for name, value in metrics.items()]
    lines = [
        f"# {_plain(search['study'])}: {card['task']} of {card['modality']} data",
        "",
        f"Found by autotrain in {sum(search['counts'].values())} trials of the space "
        f"`{_plain(search['space'])}`; {_members(card)}.{' ' + card['what'] if card['what'] else ''}",
        "",
        "## Use it",
        "",
        "```sh",
        f"python predict.py INPUT --out answers.csv   # needs numpy and {FORMATS.get(card['format']).needs}",
        "```",
        "",
        _reads(card),
        "",
        "Classes, in the order of the outputs: "
        + ", ".join(f"`{_plain(c)}`" for c in card["classes"])
        + "."
        if task_named(card["task"]).has_classes
        else "It gives " + ", ".join(f"`{_plain(c)}`" for c in card["classes"]) + ".",
        "",
        "## How good it is",
        "",
        f"On the validation part ({card['data']['sizes']['validation']:,} examples), which chose it, "
        "so expect a little less on new data:",
        "",
        "| metric | value |",
        "| --- | --- |",
        *rows,
        "",
    ]
    for name, (low, high) in (card["metrics"]["interval"] or {}).items():
        lines += [
            f"95 % interval of {name} (bootstrap over examples): {low:.4g} to {high:.4g}.",
            "",
        ]
    if card["metrics"]["test"]:
        seen = ", ".join(f"{k} {number(v)}" for k, v in card["metrics"]["test"].items())
        lines += [f"On the locked test part: {seen}.", ""]
    lines += ["## Where it fails", ""]
    if limits["weakest"]:
        lines += [f"Weakest: {_plain(limits['weakest'])}.", ""]
    if limits["calibration_error"] is not None:
        lines += [f"Expected calibration error: {limits['calibration_error']:.3f}.", ""]
    lines += [
        "It was trained on data like its own, and knows no other: `autotrain drift` compares new data.",
        "",
        "## What was checked",
        "",
        f"Loaded by its own runtime in a process without autotrain, and compared with the model as "
        f"trained on {check['examples']} validation examples: largest difference "
        f"{check['largest_difference']:.2g}, same answer for {check['agreement']:.1%}. Size "
        f"{bytes_text(check['bytes'])}.",
        "",
        "## Where it comes from",
        "",
        f"Data `{_plain(card['data']['source'])}`, fingerprint `{card['data']['fingerprint'][:16]}`; "
        f"seed {search['seed']}; "
        + ", ".join(f"{k} {v}" for k, v in card["versions"].items())
        + ".",
        "",
        "All of it is in `card.json`; `manifest.json` has the SHA-256 of every file.",
        "",
    ]
    return "\n".join(lines)


def _members(card: Mapping[str, Any]) -> str:
    members = card["members"]
    if len(members) == 1:
        return f"it is trial {members[0]['trial']}"
    parts = ", ".join(f"{m['weight']:.0%} of trial {m['trial']}" for m in members)
    return f"it is the weighted mean of {len(members)} trials ({parts})"


def _reads(card: Mapping[str, Any]) -> str:
    inputs = card["inputs"]
    names = [f"`{_plain(name)}`" for name in dict.fromkeys(map(source_of, inputs["columns"]))]
    return modality_named(card["modality"]).reads(inputs["shape"], inputs["dtype"], names)


def _plain(text: str) -> str:
    """A name that breaks no Markdown."""
    return " ".join(str(text).replace("`", "'").replace("|", "/").replace("<", "(").split())
