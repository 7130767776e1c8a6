"""The report of a study: what was asked, what was found, and how it can be had again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autotrain.analysis.measurements import Predictions
from autotrain.analysis.stored_study import StoredStudy
from autotrain.files import JsonObject
from autotrain.reports.figures import predictions, search
from autotrain.reports.figures.base import Sources
from autotrain.reports.html import Section, render, section
from autotrain.reports.summary import facts, failures, lineage
from autotrain.reports.text_tables import Table
from autotrain.reports.units import number
from autotrain.space import Choice, Parameter
from autotrain.trial import Trial

_RANKED = 20  # trials in the table
_NAMED = 12  # trials that failed, of one cause


@dataclass(frozen=True)
class Material:
    """What a report is made of besides the study.

    Attributes:
        predictions: of the best model on the validation part, where it was measured.
        cost: its parameters, bytes, flops and latency.
        inputs: [n, ...] of the validation part, as prepared.
        read: from prepared inputs to what people read: a row by column, or a text.
        baselines: from `baselines.baselines`.
        samples: examples of the training part as pixels [h, w, c], with their class names.
        picture: from a prepared input to pixels, or None where there is no picture of it.
        labels: targets by part, for the balance of classes.
    """

    predictions: Predictions | None = None
    cost: JsonObject = field(default_factory=dict)
    inputs: np.ndarray | None = None
    samples: Sequence[tuple[np.ndarray, str]] = ()
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    read: Callable[[np.ndarray], list[dict[str, str]]] = lambda rows: []
    picture: Callable[[np.ndarray], np.ndarray | None] = lambda example: None
    baselines: Mapping[str, Any] = field(default_factory=dict)


def report(study: StoredStudy, material: Material) -> str:
    """The page, as HTML."""
    sections = [_asked(study), _data(study, material), _found(study)]
    best = study.leader
    if best is not None:
        sections.append(_best(study, best, material))
    if failures(study):
        sections.append(_failed(study))
    sections.append(_provenance(study))
    return render(study.name, sections)


def _asked(study: StoredStudy) -> Section:
    hidden = ("folder", "storage", "data", "best model", "weakest", "lineage")
    settings = [(label, text) for label, text in facts(study) if label not in hidden]
    parameters = study.settings.space.parameters
    heads = ["parameter", "kind", "values", "scale", "only when"]
    rows = [[name, *_words(parameter)] for name, parameter in parameters.items()]
    return section(
        "What was asked", "report/asked.html", settings=settings, parameters=Table(heads, rows)
    )


def _words(parameter: Parameter) -> list[str]:
    """Its kind, values, scale and conditions."""
    values = parameter.range_text
    if isinstance(parameter, Choice):
        values = ", ".join(map(str, parameter.values))
    scale = "logarithmic" if getattr(parameter, "log", False) else ""
    when = (f"{k} is {' or '.join(map(str, v))}" for k, v in parameter.conditions.items())
    return [parameter.kind, values, scale, ", ".join(when)]


def _data(study: StoredStudy, material: Material) -> Section:
    info = study.settings.data
    if info is None:
        return section("Data", "report/own_data.html")
    from autotrain.data import describe

    rows = [
        ("data", describe(info)),
        ("predicted", info.task),
        ("split", f"validation {info.validation:g}, test {info.test:g}, seed {info.seed}"),
        ("fingerprint", info.fingerprint),
        ("test part", "locked: no figure of this report uses it"),
    ]
    return section(
        "Data",
        "report/data.html",
        rows=rows,
        balance=predictions.class_balance(info.class_names, material.labels),
        samples=[(predictions.image_uri(pixels), name) for pixels, name in material.samples],
    )


def _found(study: StoredStudy) -> Section:
    names = [objective.metric for objective in study.settings.space.objectives]
    rows = []
    for place, trial in enumerate(study.ranking()[:_RANKED], 1):
        params = ", ".join(f"{k}={number(v)}" for k, v in trial.params.items())
        rows.append([str(place), str(trial.number), str(trial.status),
                     *map(number, trial.values), str(trial.last_epoch), params])  # fmt: skip
    return section(
        "The search",
        "report/search.html",
        counts=study.counts_text,
        hours=f"{study.seconds / 3600:.3g}",
        figures=search.figures_of(Sources(study)),
        ranking=Table(["rank", "trial", "state", *names, "epochs", "configuration"], rows),
    )


def _best(study: StoredStudy, best: Trial, material: Material) -> Section:
    known = material.predictions
    wrong, images = _wrong(known, material) if known is not None else (None, [])
    return section(
        f"The best: trial {best.number}",
        "report/best.html",
        rows=_facts_of(study, best, material.cost),
        curves=search.trial_curves(best) if best.epochs else None,
        baselines=_baselines(study, best, material),
        fitted=f"{material.baselines.get('rows', 0):,}",
        by_class=Table(*predictions.class_rows(known)) if known is not None else None,
        figures=predictions.figures_of(known) if known is not None else [],
        wrong=wrong,
        wrong_images=images,
    )


def _facts_of(study: StoredStudy, best: Trial, cost: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Labels and texts: its values, what its model costs, and its configuration."""
    names = [objective.metric for objective in study.settings.space.objectives]
    rows = [(name, number(value)) for name, value in zip(names, best.values, strict=True)]
    rows.append(("best epoch", str(best.best_epoch or "")))
    if lineage(study, best):
        rows.append(("goes on from", lineage(study, best)))
    if cost:
        latency = cost["latency_ms"]
        rows += [("parameters", f"{cost['parameters']:,}"), ("weights", f"{cost['bytes']:,} bytes"),
                 ("flops for one example", "unknown" if cost["flops"] is None else f"{cost['flops']:,}"),
                 ("latency", f"{latency['1']:.2f} ms for 1, {latency['64']:.2f} ms for 64 examples")]  # fmt: skip
    return rows + [(name, number(value)) for name, value in best.params.items()]


def _baselines(study: StoredStudy, best: Trial, material: Material) -> Table | None:
    """The network beside models of scikit-learn and forecasts of no model, where there are any."""
    if not material.baselines:
        return None
    metric, name, known = study.objective.metric, study.objective.name, material.predictions
    others = [] if known is None else [n for n in known.task.compared if n != name]
    mine: dict[str, float] = {}
    if known is not None:
        mine = known.task.evaluate(known.outputs, known.targets)
    rows = [[f"trial {best.number}", number(best.values[0]), *(number(mine[n]) for n in others),
             number(best.seconds)]]  # fmt: skip
    rows += [[model, *(number(facts.get(n, "")) for n in (name, *others)),
              number(facts.get("seconds", ""))]
             for model, facts in material.baselines["models"].items()]  # fmt: skip
    return Table(["model", metric, *(f"val_{n}" for n in others), "seconds to train"], rows)


def _wrong(known: Predictions, material: Material) -> tuple[Table | None, list[tuple[str, str]]]:
    """The wrong answers that it was surest of: a table, or images with a text for each."""
    found = predictions.misclassifications(known)
    if not found:
        return None, []
    inputs = material.inputs
    drawn = [None if inputs is None else material.picture(np.asarray(inputs[m.row])) for m in found]
    images = [predictions.image_uri(pixels) for pixels in drawn if pixels is not None]
    if images:
        texts = [f"{m.was} taken for {m.said}, {m.sure:.0%} sure" for m in found]
        return None, list(zip(images, texts, strict=True))
    shown = [] if inputs is None else material.read(inputs[[m.row for m in found]])
    columns = list(shown[0]) if shown else []
    rows = [
        [m.was, m.said, f"{m.sure:.3f}", *((row[c] for c in columns) if shown else [str(m.row)])]
        for m, row in zip(found, shown or [{}] * len(found), strict=True)
    ]
    names = columns or ["row of the validation part"]
    return Table(["true", "said", "how sure", *names], rows), []


def _failed(study: StoredStudy) -> Section:
    rows = []
    for cause, numbers in failures(study).items():
        more = " …" if len(numbers) > _NAMED else ""
        rows.append([cause, str(len(numbers)), ", ".join(map(str, numbers[:_NAMED])) + more])
    table = Table(["cause", "trials", "numbers"], rows)
    return section("Failures", "report/failures.html", causes=table)


def _provenance(study: StoredStudy) -> Section:
    settings, about = study.settings, dict(study.settings.about or {})
    versions = about.get("versions", {})
    rows = [("study", settings.name), ("id", settings.id), ("begun", str(about.get("created", ""))),
            ("command", str(about.get("command", ""))), ("seed", str(settings.seed)),
            ("versions", ", ".join(f"{k} {v}" for k, v in versions.items())),
            ("git", str(about.get("git", "not begun in a git repository"))),
            ("folder", str(study.paths.root)), ("storage", study.storage_url)]  # fmt: skip
    return section("Provenance", "report/provenance.html", rows=rows)
