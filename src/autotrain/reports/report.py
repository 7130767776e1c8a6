"""The report of a study: what was asked, what was found, and how it can be had again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autotrain.analysis.measurements import Outcome
from autotrain.analysis.study import Study
from autotrain.reports.figures import parameters
from autotrain.reports.figures import predictions as winner
from autotrain.reports.figures import search as progress
from autotrain.reports.figures.base import Sources
from autotrain.reports.html import Section, render
from autotrain.reports.summary import facts, failures, lineage
from autotrain.reports.units import number
from autotrain.space import Choice, Fixed
from autotrain.trial import Trial


@dataclass(frozen=True)
class Material:
    """What a report is made of besides the study.

    Attributes:
        outcome: of the best model on the validation part, where it was measured.
        cost: its parameters, bytes, flops and latency.
        inputs: [n, ...] of the validation part, as prepared.
        read: from prepared inputs to what people read: a row by column, or a text.
        baselines: from `baselines.baselines`.
        samples: [k, h, w, c] images of the training part with their class names.
        labels: targets by part, for the balance of classes.
    """

    outcome: Outcome | None = None
    cost: dict[str, Any] = field(default_factory=dict)
    inputs: np.ndarray | None = None
    samples: Sequence[tuple[np.ndarray, str]] = ()
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    read: Callable[[np.ndarray], list[dict[str, str]]] = lambda rows: []
    baselines: Mapping[str, Any] = field(default_factory=dict)


def report(study: Study, material: Material) -> str:
    """The page, as HTML."""
    sources = Sources(study)
    sections = [_asked(study), _data(study, material), _found(study, sources)]
    best = study.leader
    if best is not None:
        sections.append(_winner(study, best, material))
    if failures(study):
        sections.append(_failed(study))
    sections.append(_provenance(study))
    return render(f"autotrain: {study.name}", [s for s in sections if s.parts])


def _asked(study: Study) -> Section:
    section = Section("What was asked")
    hidden = ("folder", "storage", "data", "best model", "weakest", "lineage")
    section.facts([(label, text) for label, text in facts(study) if label not in hidden])
    rows = []
    for name, parameter in study.settings.space.parameters.items():
        kind = "fixed" if isinstance(parameter, Fixed) else parameter.kind
        scale = "logarithmic" if getattr(parameter, "log", False) else ""
        when = ", ".join(
            f"{k} is {' or '.join(map(str, v))}" for k, v in parameter.conditions.items()
        )
        text = parameter.range_text
        if isinstance(parameter, Choice):
            text = ", ".join(map(str, parameter.values))
        rows.append([name, kind, text, scale, when])
    section.table(["parameter", "kind", "values", "scale", "only when"], rows)
    return section


def _data(study: Study, material: Material) -> Section:
    section = Section("Data")
    info = study.settings.data
    if info is None:
        section.text("The training loop is a function of the user's own, with its own data.")
        return section
    from autotrain.data import describe

    section.facts([
        ("data", describe(info)),
        ("predicted", info.task),
        ("split", f"validation {info.validation:g}, test {info.test:g}, seed {info.seed}"),
        ("fingerprint", info.fingerprint),
        ("test part", "locked: no figure of this report uses it"),
    ])  # fmt: skip
    balance = winner.class_balance(info.class_names, material.labels)
    if balance is not None:
        section.figure(balance)
    if material.samples:
        section.text(f"{len(material.samples)} images of the training part, drawn at random:")
        section.images([(winner.image_uri(pixels), name) for pixels, name in material.samples])
    return section


def _found(study: Study, sources: Sources) -> Section:
    section = Section("The search")
    hours = f"{study.seconds / 3600:.3g} hours in epochs, summed over workers"
    section.text(f"{study.counts_text}; {hours}.")
    for figure in parameters.figures_of(sources):
        section.figure(figure)
    names = [objective.metric for objective in study.settings.space.objectives]
    rows = []
    for place, trial in enumerate(study.ranking()[:20], 1):
        params = ", ".join(f"{k}={number(v)}" for k, v in trial.params.items())
        rows.append([str(place), str(trial.number), str(trial.state),
                     *map(number, trial.values), str(trial.last_epoch), params])  # fmt: skip
    section.table(["rank", "trial", "state", *names, "epochs", "configuration"], rows)
    return section


def _winner(study: Study, best: Trial, material: Material) -> Section:
    section = Section(f"The best: trial {best.number}")
    names = [objective.metric for objective in study.settings.space.objectives]
    rows = [(name, number(value)) for name, value in zip(names, best.values, strict=True)]
    rows.append(("best epoch", str(best.attrs.get("best_epoch", ""))))
    if lineage(study, best):
        rows.append(("goes on from", lineage(study, best)))
    cost = material.cost
    if cost:
        latency = cost["latency_ms"]
        rows += [("parameters", f"{cost['parameters']:,}"), ("weights", f"{cost['bytes']:,} bytes"),
                 ("flops for one example", "unknown" if cost["flops"] is None else f"{cost['flops']:,}"),
                 ("latency", f"{latency['1']:.2f} ms for 1, {latency['64']:.2f} ms for 64 examples")]  # fmt: skip
    rows += [(name, number(value)) for name, value in best.params.items()]
    section.facts(rows)
    if best.epochs:
        section.figure(progress.trial_curves(best))
    if material.baselines:
        _baselines(section, study, best, material.baselines)
    outcome = material.outcome
    if outcome is None:
        section.text("Its outputs are not known: its weights are not kept, or it is a function's.")
        return section
    section.text("On the validation part:")
    section.table(*winner.class_rows(outcome))
    for figure in winner.figures_of(outcome):
        section.figure(figure)
    _mistakes(section, outcome, material)
    return section


def _baselines(section: Section, study: Study, best: Trial, found: Mapping[str, Any]) -> None:
    """The network beside scikit-learn's models."""
    metric = study.settings.space.objectives[0].metric
    name = metric.removeprefix("val_")
    rows = [[f"trial {best.number}", number(best.values[0]), number(best.attrs.get("seconds", ""))]]
    rows += [[model, number(facts.get(name, "")), number(facts["seconds"])]
             for model, facts in found["models"].items()]  # fmt: skip
    section.text(
        f"Beside models of scikit-learn with their default settings, fitted on {found['rows']:,} "
        "examples of the training part:"
    )
    section.table(["model", metric, "seconds to train"], rows)


def _mistakes(section: Section, outcome: Outcome, material: Material) -> None:
    found = winner.mistakes(outcome)
    if not found:
        return
    section.text("The wrong answers that it was surest of:")
    texts = [f"{m.was} taken for {m.said}, {m.sure:.0%} sure" for m in found]
    inputs = material.inputs
    shown = [] if inputs is None else material.read(inputs[[m.row for m in found]])
    if inputs is not None and inputs.ndim == 4:
        images = [winner.image_uri(np.asarray(inputs[m.row])) for m in found]
        section.images(list(zip(images, texts, strict=True)))
        return
    columns = list(shown[0]) if shown else []
    rows = [
        [m.was, m.said, f"{m.sure:.3f}", *((row[c] for c in columns) if shown else [str(m.row)])]
        for m, row in zip(found, shown or [{}] * len(found), strict=True)
    ]
    names = columns or ["row of the validation part"]
    section.table(["true", "said", "how sure", *names], rows)


def _failed(study: Study) -> Section:
    section = Section("Failures")
    rows = [
        [
            cause,
            str(len(numbers)),
            ", ".join(map(str, numbers[:12])) + (" …" if len(numbers) > 12 else ""),
        ]
        for cause, numbers in failures(study).items()
    ]
    section.table(["cause", "trials", "numbers"], rows)
    return section


def _provenance(study: Study) -> Section:
    section = Section("Provenance")
    settings, about = study.settings, dict(study.settings.about or {})
    versions = about.get("versions", {})
    rows = [("study", settings.name), ("id", settings.id), ("begun", str(about.get("created", ""))),
            ("command", str(about.get("command", ""))), ("seed", str(settings.seed)),
            ("versions", ", ".join(f"{k} {v}" for k, v in versions.items())),
            ("git", str(about.get("git", "not begun in a git repository"))),
            ("folder", str(study.paths.root)), ("storage", study.storage_url)]  # fmt: skip
    section.facts(rows)
    section.text(
        "`autotrain train` with the config.yaml of a trial gives its recorded metrics again."
    )
    return section
