"""When the first trials of a study say that more of them would fare no better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from autotrain.errors import SearchFailedError
from autotrain.storage.recorder import Entry
from autotrain.storage.sampler_view import INFEASIBLE

FIRST_FAILURES = 3  # so many identical failures before any epoch stop the search
# So many infeasible trials and no other stop it: where a quarter of the space is feasible, that
# happens by chance in one search of 300.
FIRST_INFEASIBLE = 20


class Beginning:
    """Watches the failures of a study that has not trained anything yet.

    Args:
        entries: the study's trials, as they come.
    """

    def __init__(self, entries: Mapping[int, Entry]) -> None:
        self._entries = entries
        self._failures: Counter[str] = Counter()

    def failed(self, cause: str, log: Path) -> None:
        """A trial failed.

        Raises:
            SearchFailedError: the first trials all failed for this same cause.
        """
        self._failures[cause] += 1
        alike = self._failures[cause] >= FIRST_FAILURES
        if alike and not any(entry.epochs for entry in self._entries.values()):
            raise SearchFailedError(
                f"the first {FIRST_FAILURES} trials failed alike, so the search ends here:\n"
                f"  {cause}\nthe whole story is in {log}"
            )

    def infeasible(self, total: int) -> None:
        """A trial was infeasible.

        Args:
            total: of the search, which may be less than it takes to be sure.

        Raises:
            SearchFailedError: so were all so far, and they are many.
        """
        reasons = [entry.attrs.get(INFEASIBLE) for entry in self._entries.values()]
        if len(reasons) < min(FIRST_INFEASIBLE, total) or None in reasons:
            return
        shown = "\n".join(f"  {reason}" for reason, _ in Counter(reasons).most_common(3))
        raise SearchFailedError(
            f"all of the first {len(reasons)} trials are infeasible, so the search ends here; "
            f"the commonest reasons:\n{shown}"
        )
