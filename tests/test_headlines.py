"""Every headline outcome has a mechanism behind it: switched off, the outcome moves the way written down here.

A switch is a set of parameters in a small world in which AI is eager; the same draws run with it on and off. Some
outcomes have one value a year, or look a year back, and need a longer run.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from sim.outcomes import OUTCOMES
from sim.parameters import Settings
from sim.scenario import compose
from tests.worlds import EAGER, opened, patched

HEADLINES = [outcome.name for outcome in OUTCOMES.values() if outcome.headline]
SHORT, LONG, LATE = 44, 105, 20  # weeks; outcomes are means of the last 20
REPLICATIONS = 2

WORLD = {
    "time.burn_in_weeks": 8, "world.consumers": 150, "world.creators": 60, "world.new_items": 50.0, "world.canon": 64,
    "world.workers": 1_000, "technology.takeoff_years": 0.2, "technology.growth_years": 0.1, "farms.supply_cap": 1.0,
    "studios.intensity": 1.0, "labour.elasticity": 0.3, "labour.posts": 0.95, "culture.retrain_weeks": 8,
    "culture.assist_gain": 0.8, "culture.ai_familiarity": 0.0, "culture.ai_temperature": 1.0,
    "culture.detection_accuracy": 0.65, "interactive.opening": 1, "interactive.rate": 0.02,
    "interactive.peer_rate": 0.1, "platforms.search.answer_layer": 1.0, "platforms.search.answer_layer_opens": "",
    "platforms.immersive.opens": "2022-11-28", "platforms.immersive.entry_cost": 1e-4, "immersive.headset": 0.0,
    "immersive.multiple": 5.0, "vendors.synthetic_part": 0.5, "attention.novelty_amplitude": 3.0,
    "trust.human_falsehood": 0.2, "trust.draft_budget": 15.0, "trust.verification": 4.0, "trust.rate": 0.03,
    "farms.scruple": 0.05, "moderation.vigilance": 0.2, "commissions.brief_gap": 0.0, "commissions.own_time": 0.05,
    "world.freelancers": 400, "studios.insolvency_weeks": 2.0, "studios.founding": 0.0,
}  # fmt: skip

OFF: dict[str, Mapping[str, Any]] = {
    "AI that produces alone": {"technology.autonomous": False},
    "AI in studios": {"studios.intensity": 0.0},
    "help for authors": {"culture.assist_gain": 0.0, "technology.craft_ceiling": -1.0},
    "adoption by creators": {"creators.adoption_rate": 0.0},
    "telling AI from human": {"culture.detection_accuracy": 0.5, "culture.detection_training": 0.0},
    "AI's gap in emotion and its stigma": {"technology.emotion_gap": 0.0, "attention.stance_mean": 0.0},
    "interactive AI": {"interactive.rate": 0.0, "interactive.peer_rate": 0.0},
    "the answer layer": {"platforms.search.answer_layer": 0.0},
    "pull of the audience": {"attention.audience_pull": 0.0},
    "entry of the immersive platform": {"platforms.immersive.opens": "2032-01-05"},
    "sales beside fees": {"vendors.tool_budget": 0.0, "vendors.custom_gain": 0.0},
    "subscriptions": {"platforms.publisher.subscription": 0.0, "platforms.short_video.subscription": 0.0},
    "rigid pay": {"studios.least_pay": 0.0},
    "synthetic data": {"vendors.synthetic_part": 0.0},
    "imitation of the new": {"culture.ai_familiarity": 4.0, "culture.ai_temperature": 0.0},
    "cheap immersive work": {"immersive.multiple": 500.0, "immersive.automatable": 0.0},
    "habit": {"attention.deep_habit": 0.0},
    "skimming": {"attention.skim": 1.0},
    "falsehood and error": {
        "trust.human_falsehood": 0.0, "trust.human_error": 0.0, "trust.ai_error": 0.0, "farms.scruple": 1e6,
    },
    "the cost of verification": {"trust.verification": 0.0},
    "AI in commissions": {"commissions.brief_gap": 5.0, "commissions.own_time": 5.0, "commissions.saving": 0.0},
    "taste for novelty": {"attention.novelty_amplitude": 0.0},
}  # fmt: skip


@functools.cache
def world() -> Settings:
    """A small world in which every mechanism has something to do."""
    platforms = "platforms=[short_video,microblog,forum,search,publisher,immersive]"
    return patched(compose("baseline", ["world=tiny", platforms]).settings, EAGER | WORLD)


@functools.cache
def lived(off: str, weeks: int, replication: int) -> dict[str, float]:
    """Means of the last weeks with a mechanism switched off ("" for none)."""
    settings = patched(world(), {"time.weeks": weeks} | dict(OFF.get(off, {})))
    frame = opened(settings, weeks, rng=3, replication=replication).recorder.frame()[-LATE:]
    return {name: float(frame[name].mean()) for name in HEADLINES}
