"""Levers of policy: what a scenario sets of each, and the strengths of all in a week."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sim.settings.parameter import choice, param


@dataclass(frozen=True)
class Lever:
    """What a scenario sets of a lever: when it starts, and how strong it is."""

    # fmt: off
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
    # fmt: on


@dataclass(frozen=True, kw_only=True, slots=True)
class Levers:
    """Strength of every lever in force in a week, 0 to 1."""

    labelling: float = 0.0
    watermark: float = 0.0
    ai_exclusion: float = 0.0
    fact_check: float = 0.0
    content_review: float = 0.0
    upload_cap: float = 0.0
    quality_ranking: float = 0.0
    data_rights: float = 0.0
    synthetic_data_market: float = 0.0
    public_computing: float = 0.0
    national_data_platform: float = 0.0
    integration_cap: float = 0.0
    automation_levy: float = 0.0
    industry_fund: float = 0.0
    retraining_subsidy: float = 0.0
    self_regulation: float = 0.0


LEVERS = tuple(lever.name for lever in fields(Levers))
OF_AI = frozenset(LEVERS) - {  # where no AI exists, these change nothing
    "fact_check", "content_review", "quality_ranking", "industry_fund", "retraining_subsidy",
}  # fmt: skip
