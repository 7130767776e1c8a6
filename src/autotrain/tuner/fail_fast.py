"""When the first trials of a study say that more of them would do no better."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from autotrain.errors import SearchFailedError
from autotrain.tuner.view import StudyView

FIRST_FAILURES = 3  # so many identical failures before any epoch stop the search
# So many infeasible trials and no other stop it: where a quarter of the space is feasible, that
# happens by chance in one search of 300.
FIRST_INFEASIBLE = 20


class FailFast:
    """Watches the failures of a study that has not trained anything yet."""

    def __init__(self, view: StudyView) -> None:
        self._view = view
        self._failures: Counter[str] = Counter()

    def on_failed(self, cause: str, log: Path) -> None:
        """A trial failed.

        Raises:
            SearchFailedError: the first trials all failed for this same cause.
        """
        self._failures[cause] += 1
        alike = self._failures[cause] >= FIRST_FAILURES
        if alike and not any(trial.epochs for trial in self._view.trials.values()):
            raise SearchFailedError(
                f"the first {FIRST_FAILURES} trials failed alike, so the search ends here:\n"
                f"  {cause}\nthe whole story is in {log}"
            )

    def on_infeasible(self) -> None:
        """A trial was infeasible.

        Raises:
            SearchFailedError: so were all so far, and they are many.
        """
        started = [trial for trial in self._view.trials.values() if not trial.queued]
        reasons = [trial.infeasible for trial in started]
        if len(reasons) < min(FIRST_INFEASIBLE, self._view.total) or not all(reasons):
            return
        shown = "\n".join(f"  {reason}" for reason, _ in Counter(reasons).most_common(3))
        raise SearchFailedError(
            f"all of the first {len(reasons)} trials are infeasible, so the search ends here; "
            f"the commonest reasons:\n{shown}"
        )
