"""Trials as a list that shows itself as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from autotrain.trial import Trial

if TYPE_CHECKING:
    import pandas as pd


class Trials(list[Trial]):
    """Trials by number.

    Args:
        metrics: names of the objectives, whose values trials have.
    """

    def __init__(self, trials: Iterable[Trial] = (), metrics: Sequence[str] = ()) -> None:
        super().__init__(trials)
        self._metrics = tuple(metrics)

    def frame(self) -> pd.DataFrame:
        """One row a trial: number, state, values, epochs, and a column `params_…` a parameter."""
        import pandas as pd

        rows = [
            {
                "number": trial.number,
                "state": str(trial.status),
                **dict(zip(self._metrics, trial.values, strict=False)),
                "epochs": trial.last_epoch,
                **{f"params_{name}": value for name, value in trial.params.items()},
            }
            for trial in self
        ]
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        html: str = self.frame().to_html(index=False, notebook=True, max_rows=60)
        return html
