"""Vendors of models: revenue, concentration, prices, and what they pay for data."""

from __future__ import annotations

import numpy as np

from sim.agents.vendors import MONOPOLY_MARKUP
from sim.measures.sums import Values, herfindahl
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

SALES = ("model fee", "commission fee", "model subscription", "custom work")


def measure_vendors(world: World, week: Week, settings: Settings) -> Values:
    """Who earns what with models, how concentrated, and at what price."""
    paid: dict[str, float] = {}
    for (flow, _, payee), amount in world.ledger.flows.items():
        paid[flow] = paid.get(flow, 0.0) + amount * (flow != "data licence" or payee == "studios")
    sales = sum(paid.get(flow, 0.0) for flow in SALES)
    rivals = sales + paid.get("advertising", 0.0)
    batch, frontier = week.batch, week.frontier
    income = float(world.studios.columns.income.sum()) * MICRO
    known = len(frontier.shares) > 0
    mean_price = frontier.mean_price if known else None
    return {
        "vendor_revenue_share": sales / rivals if sales > 0 else 0.0,
        "vendor_hhi_use": herfindahl(np.bincount(batch.vendor[batch.ai > 0], minlength=1)),
        "vendor_hhi_spend": herfindahl(week.vendor_receipts),
        "vendor_subscription_share": paid.get("model subscription", 0.0) / sales if sales > 0 else None,
        "vendor_markup": mean_price * MONOPOLY_MARKUP if mean_price is not None else None,
        "vendor_gap": float(frontier.capability.max()) - frontier.level if known else None,
        "n_vendors": float(world.vendor_state.columns.active.sum()),
        "data_licence_share": min(paid.get("data licence", 0.0) / income, 1.0) if income > 0 else None,
    }
