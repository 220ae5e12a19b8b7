"""Outcomes of money: what platforms take in and keep, what studios live on, and what policy moves."""

from __future__ import annotations

from sim.agents.producers import items_in_row
from sim.agents.studios import automated_hours, item_hours
from sim.base.codes import FARM, GENERATED, STUDIO
from sim.measures.sums import Values, ratio, share
from sim.money.flows import Account, Flow, Group, flows_of, paid_for
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def measure_money(world: World, week: Week, settings: Settings) -> Values:
    """Measure what platforms take in and keep, what studios earn and pay, and grants; amounts in hours' wage."""
    flows = dict.fromkeys(Flow, 0.0)
    for (flow, _, _), amount in world.ledger.flows.items():
        flows[flow] += amount / MICRO
    taken, paid, grants = (
        sum(flows[flow] for flow in flows_of(group))
        for group in (Group.PLATFORM_INCOME, Group.PRODUCER_PAY, Group.GRANTS)
    )
    studios = world.studios.columns
    par = float(studios.par.sum())
    return {
        "advertising_spend": flows[Flow.ADVERTISING],
        "subscription_spend": flows[Flow.SUBSCRIPTIONS],
        "promotion_spend": flows[Flow.PROMOTION],
        "platform_take": max(1.0 - paid / taken, 0.0) if taken > 0 else None,
        "payout_rate_mean": min(flows[Flow.PAYOUT] / flows[Flow.ADVERTISING], 1.0) if flows[Flow.ADVERTISING] else None,
        "licence_fees": flows[Flow.LICENCE],
        "studio_income": float(week.studio_income.sum()),
        "wages_paid": flows[Flow.WAGES],
        "studios_open": float((studios.hours > 0).sum()),
        "studio_staff": float(studios.hours.sum()) / par,
        "ai_automated_hours": float(automated_hours(studios, settings).sum()),
        "regulator_spend": grants,
    }


def measure_costs(world: World, week: Week, settings: Settings) -> Values:
    """Measure what an item costs studios and AI producers, in hours' wage, and their shares of what platforms pay."""
    flows = world.ledger.flows
    paid = float(week.payouts.sum())
    producers, batch, studios = world.producers.columns, week.batch, world.studios.columns
    studio = producers.kind[: len(week.payouts)] == STUDIO
    maker = producers.kind[batch.producer]
    n_studio, n_farm = (float(items_in_row(maker[maker == kind], settings).sum()) for kind in (STUDIO, FARM))
    by_farms = paid_for(flows, Group.ITEM_COST, Account.FARMS) / MICRO
    fee_of_studio = paid_for(flows, Group.ITEM_COST, Account.STUDIOS) / MICRO / max(n_studio, 1.0)
    hours = studios.hours if studios.hours.any() else studios.par
    work = producers.item_work[settings.world.creators :][: len(hours)]
    started = (hours / (item_hours(studios, settings) * work)).sum()  # items for which a week's staff suffices
    of_studio = float(hours.sum() / started) + fee_of_studio
    return {
        "ai_revenue_share": share(week.payout_origin[GENERATED], week.payout_origin[:3].sum()),
        "ai_revenue_share_weighted": share(week.payout_origin[3], week.payout_origin[:3].sum()),
        "unit_cost": of_studio,
        "unit_cost_ai": ratio(by_farms, n_farm),
        "unit_cost_firms": ratio(of_studio * n_studio + by_farms, n_studio + n_farm),
        "studio_revenue_share": share(week.payouts[studio].sum(), paid),
    }
