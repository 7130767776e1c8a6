"""Writing a study's best model as a folder that runs elsewhere, checked before it is kept."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from autotrain.analysis.measurements import Predictions
from autotrain.analysis.stored_study import StoredStudy
from autotrain.api.export_members import ModelSelection, refit_members, save_members, selected
from autotrain.api.measure import open_data
from autotrain.catalog.compatibility import wanted_threshold
from autotrain.data import DataInfo, modality_named, open_arrays
from autotrain.errors import ConfigurationError
from autotrain.export.bundle import copy_scripts, new_folder, write_manifest
from autotrain.export.card import facts_of, readme
from autotrain.export.conversion import convert
from autotrain.export.drift import profile
from autotrain.export.formats import ExportFormat, checked_format
from autotrain.export.formats.keras import KERAS
from autotrain.export.verify import EXAMPLES, compare, try_out
from autotrain.files import JsonObject, size_of, write_json
from autotrain.paths import ExportPaths
from autotrain.serving.input_file import Inputs
from autotrain.serving.manifest import check
from autotrain.serving.predict import reads_wide
from autotrain.tasks.thresholds import Chosen, chosen

_NO_THRESHOLD = "none"

_CALIBRATING = 1024  # examples that scales of 8 bits are found by, at most


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
    threshold: str | None = None


def export(study: StoredStudy, out: Path, options: ExportOptions | None = None) -> JsonObject:
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

    def write(self, folder: Path) -> JsonObject:
        """Everything, the manifest last."""
        options = self.options
        selection = selected(self.study, options.trial, options.ensemble, options.gpus)
        threshold = self._threshold(selection.predictions)
        if threshold is not None:
            selection = selection.at(threshold.threshold)
        data, info = opened = open_data(self.study)
        if options.refit:
            files = refit_members(
                self.study, opened, selection, self.scratch, options.seeds, options.gpus
            )
        else:
            files = save_members(self.study, opened, selection, self.scratch, options.gpus)
        inputs = modality_named(info.modality).inputs(info, data)
        share = convert(
            files, inputs, self.form, folder / self.form.file, options.quantize,
            self._calibration(data, inputs),
        )  # fmt: skip
        card = facts_of(
            self.study,
            selection.members,
            selection.predictions,
            selection.known,
            self._what(),
            threshold,
        )
        card = {**card, "format": options.format, "quantize": options.quantize,
                "quantized_share": share, "inputs": inputs}  # fmt: skip
        _finish(folder, card, self.form)
        card["check"] = self._check(folder, files, card, data, info, selection)
        x_train = np.asarray(open_arrays(data).x_train)
        write_json(
            ExportPaths(folder).profile,
            profile(info, selection.predictions.task, x_train, _answers(selection)),
        )
        ExportPaths(folder).readme.write_text(readme(card), "utf-8")
        _finish(folder, card, self.form)
        check(folder)
        return card

    def _threshold(self, predictions: Predictions) -> Chosen | None:
        """The one that is asked for, chosen on validation."""
        space = self.study.settings.space
        said = self.options.threshold or space.threshold or _NO_THRESHOLD
        if said == _NO_THRESHOLD:
            return None
        wanted = wanted_threshold(space, said)
        try:
            return chosen(predictions.task, wanted, predictions.outputs, predictions.targets)
        except ConfigurationError as error:
            raise ConfigurationError(f"--threshold {said}: {error}") from None

    def _calibration(self, data: Path, inputs: Inputs) -> Path | None:
        """Examples of the training part, as the format's file takes them; None where none are needed."""
        if not self.options.quantize:
            return None
        x = open_arrays(data).x_train
        some = np.asarray(x[:: -(-len(x) // _CALIBRATING)])
        if inputs.get("offset") and not reads_wide(self.form.runtime):
            some = (some - np.array(inputs["offset"])).astype("float32")
        path = self.scratch / "calibration.npy"
        np.save(path, some)
        return path

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
        card: JsonObject,
        data: Path,
        info: DataInfo,
        selection: ModelSelection,
    ) -> JsonObject:
        """Run it as its user will, and compare with Keras and with what the search recorded."""
        x = np.asarray(open_arrays(data).x_validation[:EXAMPLES])
        vocabulary, task = card["inputs"]["vocabulary"], selection.predictions.task
        modality = modality_named(info.modality)
        odd = modality.outliers(info, x)
        # First, so that they share a batch with the others.
        examples = modality.to_raw(self.scratch, info, vocabulary, np.concatenate([odd, x]))
        found, latency = try_out(folder, examples, self.scratch)
        plain = self.scratch / "plain"
        plain.mkdir()
        convert(files, card["inputs"], KERAS, plain / KERAS.file, None)
        _finish(plain, {**card, "format": KERAS.name}, KERAS)
        wanted, keras_latency = try_out(plain, examples, self.scratch)
        found, wanted = found[len(odd) :], wanted[len(odd) :]
        if not self.options.refit:
            compare(task, wanted, _answers(selection)[: len(x)], None)
        found_facts = compare(task, found, wanted, self.options.quantize)
        target = folder / self.form.file
        size = size_of(target) if target.is_dir() else target.stat().st_size
        keras_size = (plain / KERAS.file).stat().st_size
        shutil.rmtree(plain)
        return {**found_facts, "bytes": size, "keras_bytes": keras_size, "latency_ms": latency,
                "keras_latency_ms": keras_latency}  # fmt: skip


def _answers(selection: ModelSelection) -> np.ndarray:
    """What the search recorded: probabilities or numbers on validation."""
    return selection.predictions.task.probabilities(selection.predictions.outputs)


def _finish(folder: Path, card: JsonObject, form: ExportFormat) -> None:
    """Everything but the model."""
    copy_scripts(folder, form)
    paths = ExportPaths(folder)
    write_json(paths.inputs, card["inputs"])
    write_json(paths.card, {k: v for k, v in card.items() if k != "inputs"})
    write_manifest(folder)
