"""An export is what was trained: it is run as its user will run it, and compared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from autotrain.errors import ExportError
from autotrain.export.conversion import run_child
from autotrain.files import JsonObject
from autotrain.tasks import Task

EXAMPLES = 256
_ALONE = 1e-3  # most that a row's answer may change by the rows beside it, of their spread
# Largest difference of a probability (of a number: as a share of its spread), and least share of
# the same answers. 32-bit runtimes order sums differently; 8 and 16 bits are coarser by design.
_TOLERANCES = {None: (1e-4, 0.99), "float16": (2e-2, 0.98), "int8": (0.25, 0.95)}


def try_out(folder: Path, examples: Path, scratch: Path) -> tuple[np.ndarray, dict[str, float]]:
    """Run `predict.py` of a folder in a fresh process that has nothing of autotrain.

    Returns:
        Its outputs [n, ...], and milliseconds for a batch by its size, medians.

    Raises:
        ExportError: it fails, or its answer to a row depends on the rows beside it.
    """
    out = scratch / f"{folder.name.strip('.')}-outputs.npz"
    words = [
        "-P",
        str(Path(__file__).with_name("trial_run.py")),
        str(folder),
        str(examples),
        str(out),
    ]
    said = run_child(words, "the exported model does not run")
    if not out.exists():
        raise ExportError("the exported model does not run: it wrote nothing; nothing was kept")
    facts = json.loads(said.strip().splitlines()[-1])
    _check_alone(np.array(facts["alone"]), np.array(facts["together"]))
    with np.load(out, allow_pickle=False) as stored:
        return stored["outputs"], facts["milliseconds"]


def _check_alone(alone: np.ndarray, together: np.ndarray) -> None:
    """Rows by themselves and beside others have the same answer, outliers among them."""
    usual = float(np.nanmedian(np.abs(together - np.nanmedian(together, axis=0)))) or 1.0
    if not np.allclose(alone, together, rtol=_ALONE, atol=_ALONE * usual, equal_nan=True):
        apart = float(np.nanmax(np.abs(alone - together)))
        raise ExportError(
            f"the exported model's answer to a row depends on the rows beside it (by {apart:.2g}); "
            "nothing was kept"
        )


def compare(task: Task, found: np.ndarray, wanted: np.ndarray, quantize: str | None) -> JsonObject:
    """How far two models' outputs are apart.

    Args:
        found, wanted: [n, outputs] probabilities, or numbers.

    Raises:
        ExportError: farther than their precision explains.
    """
    difference, agreement = task.difference(found, wanted)
    if not np.isfinite(difference):
        raise ExportError("the exported model gives values that are no numbers; nothing was kept")
    most, least = _TOLERANCES[quantize]
    if difference > most or agreement < least:
        raise ExportError(
            f"the exported model differs from the trained one: by {difference:.2g} at most (allowed "
            f"{most:g}), with the same answer for {agreement:.1%} (at least {least:.0%}); nothing was kept"
            + (
                f". {quantize} is too coarse for it as this format: take another, or none"
                if quantize
                else ""
            )
        )
    return {"examples": len(wanted), "largest_difference": difference, "agreement": agreement}
