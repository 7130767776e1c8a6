"""Writing a study's best model as a folder that runs elsewhere, checked before it is kept."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from autotrain.analysis.stored_study import StoredStudy
from autotrain.api.export_members import ModelSelection, refit_members, save_members, selected
from autotrain.api.measure import open_data
from autotrain.data import DataInfo, modality_named, open_arrays
from autotrain.errors import ConfigurationError
from autotrain.export.bundle import copy_scripts, new_folder, write_manifest
from autotrain.export.card import facts_of, readme
from autotrain.export.conversion import convert
from autotrain.export.drift import profile
from autotrain.export.formats import ExportFormat, checked_format
from autotrain.export.formats.keras import KERAS
from autotrain.export.seen import write_seen
from autotrain.export.verify import EXAMPLES, compare, try_out
from autotrain.files import size_of, write_json
from autotrain.paths import ExportPaths
from autotrain.serving.manifest import check
from autotrain.tasks import task_named


@dataclass(frozen=True)
class ExportOptions:
    """What to export, and how; one field for each option of the command."""

    format: str = "keras"
    trial: int | None = None
    ensemble: int | None = None
    refit: bool = False
    seeds: int = 1
    quantize: str | None = None
    gpus: str = "all"


def export(study: StoredStudy, out: Path, options: ExportOptions | None = None) -> dict[str, Any]:
    """Write a folder with the model, `predict.py`, a card, and a manifest; the card.

    Raises:
        ConfigurationError, StudyError: it cannot be done, see the message.
        ExportError: what was written is not what was trained; nothing is kept.
    """
    options = options or ExportOptions()
    if options.seeds < 1 or (options.seeds > 1 and not options.refit):
        raise ConfigurationError(
            f"--seeds counts the runs of --refit, at least 1; got {options.seeds}"
        )
    form = checked_format(options.format, options.quantize)
    if options.refit and study.settings.teacher is not None:
        raise ConfigurationError(
            "--refit: a student cannot learn from its teacher on the validation part, for which the "
            "teacher's answers are not kept; export it without"
        )
    with new_folder(out) as folder, TemporaryDirectory(prefix="autotrain-") as scratch:
        return _Export(study, options, form, Path(scratch)).write(folder)


@dataclass(frozen=True)
class _Export:
    study: StoredStudy
    options: ExportOptions
    form: ExportFormat
    scratch: Path

    def write(self, folder: Path) -> dict[str, Any]:
        """Everything, the manifest last."""
        options = self.options
        selection = selected(self.study, options.trial, options.ensemble, options.gpus)
        data, info = opened = open_data(self.study)
        if options.refit:
            files = refit_members(
                self.study, opened, selection, self.scratch, options.seeds, options.gpus
            )
        else:
            files = save_members(self.study, opened, selection, self.scratch, options.gpus)
        inputs = modality_named(info.modality).inputs(info, data)
        convert(files, inputs, self.form, folder / self.form.file, options.quantize)
        card = facts_of(
            self.study, selection.members, selection.predictions, selection.known, self._what()
        )
        card = {**card, "format": options.format, "quantize": options.quantize,
                "inputs": inputs}  # fmt: skip
        _finish(folder, card, self.form)
        card["check"] = self._check(folder, files, card, data, info, selection)
        x_train = np.asarray(open_arrays(data).x_train)
        write_json(ExportPaths(folder).profile, profile(info, x_train, _answers(info, selection)))
        if info.modality != "image":
            write_seen(folder, x_train)
        ExportPaths(folder).readme.write_text(readme(card), "utf-8")
        _finish(folder, card, self.form)
        check(folder)
        return card

    def _what(self) -> str:
        if not self.options.refit:
            return ""
        seeds = (
            f" over {self.options.seeds} seeds, whose mean it is" if self.options.seeds > 1 else ""
        )
        return (
            f"Trained again on training and validation data together{seeds}, with as many steps as the "
            "best epoch had; the metrics are those of the search, without the validation data."
        )

    def _check(
        self,
        folder: Path,
        files: Any,
        card: dict[str, Any],
        data: Path,
        info: DataInfo,
        selection: ModelSelection,
    ) -> dict[str, Any]:
        """Run it as its user will, and compare with Keras and with what the search recorded."""
        x = np.asarray(open_arrays(data).x_validation[:EXAMPLES])
        vocabulary, task = card["inputs"]["vocabulary"], task_named(info.task)
        examples = modality_named(info.modality).to_raw(self.scratch, info, vocabulary, x)
        found, latency = try_out(folder, examples, self.scratch)
        plain = self.scratch / "plain"
        plain.mkdir()
        convert(files, card["inputs"], KERAS, plain / KERAS.file, None)
        _finish(plain, {**card, "format": KERAS.name}, KERAS)
        wanted, keras_latency = try_out(plain, examples, self.scratch)
        if not self.options.refit:
            compare(task, wanted, _answers(info, selection)[: len(x)], None)
        found_facts = compare(task, found, wanted, self.options.quantize)
        target = folder / self.form.file
        size = size_of(target) if target.is_dir() else target.stat().st_size
        keras_size = (plain / KERAS.file).stat().st_size
        shutil.rmtree(plain)
        return {**found_facts, "bytes": size, "keras_bytes": keras_size, "latency_ms": latency,
                "keras_latency_ms": keras_latency}  # fmt: skip


def _answers(info: DataInfo, selection: ModelSelection) -> np.ndarray:
    """What the search recorded: probabilities or numbers on validation."""
    return task_named(info.task).probabilities(selection.predictions.outputs)


def _finish(folder: Path, card: dict[str, Any], form: ExportFormat) -> None:
    """Everything but the model."""
    copy_scripts(folder, form)
    paths = ExportPaths(folder)
    write_json(paths.inputs, card["inputs"])
    write_json(paths.card, {k: v for k, v in card.items() if k != "inputs"})
    write_manifest(folder)
