"""What a scenario sets of a policy lever."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import choice, param


@dataclass(frozen=True)
class Lever:
    """A policy lever: what changes, when, and how strongly."""

    start: str = choice(
        "2025-09-01", label="Start", label_zh="开始日期",
        description="ISO date from which the lever holds.", source="each policy file names its source", role="lever",
    )
    strength: float = param(
        1.0, "1", 0.0, 1.0, "",
        label="Strength", label_zh="强度",
        description="Share of cases that the lever reaches: 0 changes nothing, 1 is full compliance.",
        source="each policy file names its source", role="lever",
    )
