"""What a trial's model put out on the validation part, for the figures about it."""

from __future__ import annotations

from autotrain.results.leaderboard import Measured
from autotrain.results.study import Study
from autotrain.results.winner import Outcome


def outcome_of(study: Study, known: Measured | None) -> Outcome | None:
    """The outputs with the names of the classes; None where they were not measured."""
    info = study.settings.data
    if info is None or known is None or known.outputs is None or known.targets is None:
        return None
    width, names = known.outputs.shape[1], list(info.class_names)
    shown = names if len(names) == width else [str(i) for i in range(width)]
    return Outcome(info.goal, known.outputs, known.targets, shown)
