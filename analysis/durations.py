"""How long something takes, in words."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Write a number of seconds as a person says it: "2 minutes"."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 10 or seconds == 0 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
