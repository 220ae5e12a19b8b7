"""Policy: applies the levers whose date has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

LEVERS = (
    "labelling", "watermark", "ai_exclusion", "fact_check", "content_review", "upload_cap", "quality_ranking",
    "data_rights", "synthetic_data_market", "public_computing", "national_data_platform", "integration_cap",
    "automation_levy", "industry_fund", "retraining_subsidy", "self_regulation",
)  # fmt: skip

OF_AI = frozenset(LEVERS) - {  # where no AI exists, these change nothing
    "fact_check", "content_review", "quality_ranking", "industry_fund", "retraining_subsidy",
}  # fmt: skip


def apply_policy(model: ContentEcosystem) -> None:
    """Set each lever's strength in force this week (0 before its start)."""
    for name in LEVERS:
        lever = model.settings.policy.get(name)
        model.levers[name] = lever.strength if lever and model.week >= model.week_of(lever.start) else 0.0
