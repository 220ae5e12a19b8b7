"""Levers: what policy can pull, as one record of strengths."""

from __future__ import annotations

from dataclasses import dataclass, fields


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
