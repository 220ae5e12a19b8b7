"""Vendors of models: revenue, concentration, prices, and what they pay for data."""

from __future__ import annotations

import numpy as np

from sim.agents.vendors import MONOPOLY_MARKUP
from sim.measures.sums import Values, herfindahl
from sim.money.flows import Account, Flow, Group, flows_of
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def measure_vendors(world: World, week: Week, settings: Settings) -> Values:
    """Measure vendors' revenue, concentration, prices, capability gap, and what they pay for data."""
    paid = dict.fromkeys(Flow, 0)
    for (flow, _, payee), amount in world.ledger.flows.items():
        if flow != Flow.DATA_LICENCE or payee == Account.STUDIOS:
            paid[flow] += amount
    sales = sum(paid[flow] for flow in flows_of(Group.MODEL_SALES))
    market = sales + paid[Flow.ADVERTISING]
    batch, frontier = week.batch, week.frontier
    income = float(world.studios.columns.income.sum()) * MICRO
    known = len(frontier.shares) > 0
    mean_price = frontier.mean_price if known else None
    return {
        "vendor_revenue_share": sales / market if sales > 0 else 0.0,
        "vendor_hhi_use": herfindahl(np.bincount(batch.vendor[batch.ai > 0], minlength=1)),
        "vendor_hhi_spend": herfindahl(week.vendor_receipts),
        "vendor_subscription_share": paid[Flow.MODEL_SUBSCRIPTION] / sales if sales > 0 else None,
        "vendor_markup": mean_price * MONOPOLY_MARKUP if mean_price is not None else None,
        "vendor_gap": float(frontier.capability.max()) - frontier.level if known else None,
        "n_vendors": float(world.vendor_state.columns.active.sum()),
        "data_licence_share": min(paid[Flow.DATA_LICENCE] / income, 1.0) if income > 0 else None,
    }
