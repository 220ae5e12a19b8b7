"""Outcomes of truth: who meets what is false and how far it comes, what is found to be AI's, who is banned."""

from __future__ import annotations

from sim.agents.farms import learned_gain
from sim.base.codes import CREATOR, ERROR, FALSE, FARM, GENERATED, HUMAN, IMPOSTOR, TRUE, TRUTHS
from sim.base.records import DECLARED
from sim.measures.sums import MIN_EVENTS, Values, count, ratio, ratio_within
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

LIE = TRUTHS.index("false")


def measure_truth(world: World, week: Week, settings: Settings) -> Values:
    """Measure falsehood met and its reach, labels of AI, and bans; all outcomes of truth by name."""
    return _met(world, week) | _reached(world) | _labelled(world) | _banned(world, week)


def _met(world: World, week: Week) -> Values:
    """Measure exposures by kind of inaccuracy, the false share of AI producers' items, and what falsehood earns."""
    exposures, batch = week.tallies.exposures, week.batch
    generated = batch.origin == GENERATED
    return {
        "error_exposure_share": ratio(exposures[ERROR], exposures.sum()),
        "impersonation_exposure_share": ratio(exposures[IMPOSTOR], exposures.sum()),
        "ai_falsehood_share": ratio(count(batch.accuracy[generated] >= FALSE), count(generated)),
        "falsehood_gain": learned_gain(world.farm_news.paid_by_truth),
    }


def _reached(world: World) -> Values:
    """Measure how many people use an item in its first four weeks, over a quarter, by origin and truth.

    Items refused everywhere count as reaching nobody. The false are compared with the true within platforms and
    origins.
    """
    reach = world.reach.sum(axis=0)  # platforms, origins, truths; people and items
    people, items = reach[..., 0], reach[..., 1]
    by_origin = reach.sum(axis=0)
    human, ai = by_origin[:GENERATED].sum(axis=0).tolist(), by_origin[GENERATED].tolist()
    true, false = people[..., TRUE].ravel(), people[..., LIE].ravel()
    compared = human[LIE][0] + ai[LIE][0] >= MIN_EVENTS
    within = ratio_within([true, false], [items[..., TRUE].ravel(), items[..., LIE].ravel()]) if compared else None
    return {
        "human_reach_true": ratio(*human[TRUE]), "human_reach_false": ratio(*human[LIE]),
        "ai_reach_true": ratio(*ai[TRUE]), "ai_reach_false": ratio(*ai[LIE]),
        "reach_ratio_false": within,
    }  # fmt: skip


def _labelled(world: World) -> Values:
    """Measure which shares of the week's generated and human items carry the label of AI."""
    items = world.items.columns
    card = items.card.take(((items.alive > 0) & (items.week == world.now)).nonzero()[0])
    origin, labelled = card["origin"], card["origin"][card["detectability"] >= DECLARED]
    return {
        "detected_share": ratio(count(labelled == GENERATED), count(origin == GENERATED)),
        "false_detection_share": count(labelled == HUMAN) / max(count(origin == HUMAN), 1),
    }


def _banned(world: World, week: Week) -> Values:
    """Count the AI producers' accounts and the creators that were banned this week."""
    kind = world.producers.columns.kind[week.banned]
    farms, creators = count(kind == FARM), count(kind == CREATOR)
    return {"accounts_banned": float(farms), "creators_banned": float(creators)}
