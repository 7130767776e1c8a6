"""How many bits numbers need: 32 as a rule, 64 where their spread is small beside their size."""

from __future__ import annotations

import numpy as np

# Mean rounding error of 32 bits, in standard deviations, that no training notices.
_NO_LOSS = 1e-5


def narrowed(values: np.ndarray) -> np.ndarray:
    """Numbers as float32, or as float64 where float32 would round away what tells them apart.

    1,700,000,045.71 and its neighbours are such numbers: float32 has none between 1,700,000,000 and
    1,700,000,128. What is too large for float32 becomes infinite, for the caller to refuse.

    Args:
        values: [n] or [n, columns], NaN where one is missing; a column decides for all.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = values.astype(np.float32, copy=False)
    if values.dtype.kind not in "iuf" or values.dtype.itemsize < narrow.itemsize:
        return narrow
    if narrow is values or not values.size:
        return narrow
    columns = values.reshape(len(values), -1), narrow.reshape(len(values), -1)
    loses = any(_loses(wide, short) for wide, short in zip(*(c.T for c in columns), strict=True))
    return values.astype(np.float64, copy=False) if loses else narrow


def _loses(wide: np.ndarray, narrow: np.ndarray) -> bool:
    known = ~np.isnan(narrow)
    wide, narrow = wide[known].astype(np.float64), narrow[known]
    if not wide.size or not np.isfinite(narrow).all():
        return False
    error = np.abs(wide - narrow).mean()
    return bool(error > _NO_LOSS * wide.std() > 0)
