"""Outcomes of money: what platforms take in and keep, what studios live on, and what policy moves."""

from __future__ import annotations

from sim.agents.studios import automated_hours, item_hours
from sim.base.codes import FARM, GENERATED, STUDIO
from sim.measures.sums import Values, count, ratio, share
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

COSTS_OF_FARMS = ("farm wages", "accounts")  # flows of money beside fees for models
IN, OUT = ("advertising", "subscriptions", "promotion"), ("payout", "licence")  # of platforms


def measure_money(world: World, week: Week, settings: Settings) -> Values:
    """Values of the week; amounts in hours' wage."""
    flows: dict[str, float] = {}
    for (flow, _, _), amount in world.ledger.flows.items():
        flows[flow] = flows.get(flow, 0.0) + amount / MICRO
    taken, paid = sum(flows[name] for name in IN), sum(flows.get(name, 0.0) for name in OUT)
    studios = world.studios.columns
    par = float(studios.par.sum())
    return {
        "advertising_spend": flows["advertising"],
        "subscription_spend": flows["subscriptions"],
        "promotion_spend": flows["promotion"],
        "platform_take": max(1.0 - paid / taken, 0.0) if taken > 0 else None,
        "payout_rate_mean": min(flows.get("payout", 0.0) / flows["advertising"], 1.0) if flows["advertising"] else None,
        "licence_fees": flows.get("licence", 0.0),
        "studio_income": float(week.studio_income.sum()),
        "wages_paid": flows["wages"],
        "studios_open": float((studios.hours > 0).sum()),
        "studio_staff": float(studios.hours.sum()) / par,
        "ai_automated_hours": float(automated_hours(studios, settings).sum()),
        "regulator_spend": flows.get("industry fund", 0.0) + flows["training grant"],
    }


def measure_costs(world: World, week: Week, settings: Settings) -> Values:
    """What an item costs studios and AI producers, in hours' wage, and their parts of what platforms pay out."""
    fees = {"studios": 0.0, "farms": 0.0}  # of models, by payer
    spent = dict.fromkeys(COSTS_OF_FARMS, 0.0)
    for (flow, payer, _), amount in world.ledger.flows.items():
        if flow == "model fee" and payer in fees:
            fees[payer] += amount
        elif flow in spent:
            spent[flow] += amount
    paid = float(week.payouts.sum())
    producers, batch, studios = world.producers.columns, week.batch, world.studios.columns
    studio = producers.kind[: len(week.payouts)] == STUDIO
    maker = producers.kind[batch.producer]
    n_studio, n_farm = (float(count(maker == kind)) for kind in (STUDIO, FARM))
    by_farms = (sum(spent.values()) + fees["farms"]) / MICRO
    fee_of_studio = fees["studios"] / MICRO / max(n_studio, 1.0)
    hours = studios.hours if studios.hours.any() else studios.par
    started = (hours / item_hours(studios, settings)).sum()
    of_studio = float(hours.sum() / started) + fee_of_studio
    return {
        "ai_revenue_share": share(week.payout_origin[GENERATED], week.payout_origin[:3].sum()),
        "ai_revenue_share_weighted": share(week.payout_origin[3], week.payout_origin[:3].sum()),
        "unit_cost": of_studio,
        "unit_cost_ai": ratio(by_farms, n_farm),
        "unit_cost_firms": ratio(of_studio * n_studio + by_farms, n_studio + n_farm),
        "studio_revenue_share": share(week.payouts[studio].sum(), paid),
    }
