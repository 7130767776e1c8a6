"""Numbers and times as people read them."""

from __future__ import annotations

from collections.abc import Mapping


def duration(seconds: float) -> str:
    """`48s`, `3m 05s`, `2h 14m`, `3d 4h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86400}d {whole % 86400 // 3600}h"


def number(value: object) -> str:
    """A parameter or metric in few characters."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def params_line(params: Mapping[str, object]) -> str:
    """`depth=3 width=32 …` on one line."""
    return " ".join(f"{name}={number(value)}" for name, value in params.items())


def bytes_text(size: float) -> str:
    """`512 B`, `3.4 MB`."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
