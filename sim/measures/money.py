"""Outcomes of money: what platforms take in and keep, what studios live on, and what policy moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.studios import automated_hours
from sim.ledger import MICRO

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

IN, OUT = ("advertising", "subscriptions", "promotion"), ("payout", "licence")  # of platforms


def measure_money(model: ContentEcosystem) -> dict[str, float | None]:
    """Values of the week; amounts in hours' wage."""
    flows: dict[str, float] = {}
    for (flow, _, _), amount in model.ledger.flows.items():
        flows[flow] = flows.get(flow, 0.0) + amount / MICRO
    taken, paid = sum(flows[name] for name in IN), sum(flows.get(name, 0.0) for name in OUT)
    studios = model.studios.columns
    par = float(studios.par.sum())
    return {
        "advertising_spend": flows["advertising"],
        "subscription_spend": flows["subscriptions"],
        "promotion_spend": flows["promotion"],
        "platform_take": max(1.0 - paid / taken, 0.0) if taken > 0 else None,
        "payout_rate_mean": min(flows.get("payout", 0.0) / flows["advertising"], 1.0) if flows["advertising"] else None,
        "licence_fees": flows.get("licence", 0.0),
        "studio_income": float(model.studio_income.sum()),
        "wages_paid": flows["wages"],
        "studios_open": float((studios.hours > 0).sum()),
        "studio_staff": float(studios.hours.sum()) / par,
        "ai_automated_hours": float(automated_hours(studios, model.settings).sum()),
        "regulator_spend": flows.get("industry fund", 0.0) + flows["training grant"],
    }
