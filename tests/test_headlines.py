"""Every headline outcome has a mechanism behind it: switched off, the outcome moves the way written down here.

A switch is a set of parameters in a small world in which AI is eager; the same draws run with it on and off.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from sim.base.outcomes import OUTCOMES
from sim.settings import Settings
from sim.settings.scenario import compose
from tests.worlds import EAGER, opened, patched

HEADLINES = [outcome.name for outcome in OUTCOMES.values() if outcome.headline]
WEEKS, LATE = 60, 20  # the last week closes the first year after release; outcomes are means of the last twenty

PLATFORMS = ("short_video", "microblog", "forum", "search", "publisher", "immersive")
WORLD = {
    "time.burn_in_weeks": 8, "world.consumers": 150, "world.creators": 60, "world.new_items": 50.0, "world.canon": 64,
    "world.workers": 1_000, "technology.takeoff_years": 0.2, "technology.growth_years": 0.1,
    "farms.human_minutes": 30.0, "farms.account_cost": 0.25, "farms.minutes_image": 0.5, "farms.minutes_audio": 0.6,
    "farms.minutes_video": 4.0, "platforms.short_video.ad_price": 1.0, "platforms.publisher.ad_price": 1.0,
    "studios.intensity": 1.0, "labour.elasticity": 0.3, "labour.jobs": 0.95, "culture.retrain_weeks": 8,
    "culture.assist_gain": 0.8, "culture.imagination": 0.2, "culture.ai_familiarity": 0.0,
    "culture.ai_temperature": 1.0,
    "culture.detection_accuracy": 0.65, "interactive.opening": 1, "interactive.rate": 0.02,
    "interactive.peer_rate": 0.1, "platforms.search.answer_layer": 1.0, "platforms.search.answer_layer_opens": "",
    "platforms.immersive.opens": "2022-11-28", "platforms.immersive.entry_cost": 1e-4, "immersive.headset": 0.0,
    "immersive.multiple": 5.0, "vendors.synthetic_part": 0.5, "attention.novelty_amplitude": 3.0,
    "trust.human_falsehood": 0.2, "trust.draft_budget": 15.0, "trust.verification": 4.0, "trust.rate": 0.03,
    "farms.scruple": 0.05, "moderation.vigilance": 0.2, "commissions.brief_gap": 0.0, "commissions.own_time": 0.05,
    "world.freelancers": 400, "studios.insolvency_weeks": 2.0, "studios.founding": 0.0,
    "world.studios": 8, "labour.junior_plan": 0.05, "labour.junior_create": 0.8, "labour.junior_edit": 0.2,
}  # fmt: skip

OFF: dict[str, Mapping[str, Any]] = {
    "AI that produces alone": {"technology.autonomous": False},
    "AI in studios": {"studios.intensity": 0.0},
    "help for authors": {"culture.assist_gain": 0.0, "technology.craft_ceiling": -1.0},
    "adoption by creators": {"creators.adoption_rate": 0.0},
    "telling AI from human": {"culture.detection_accuracy": 0.5, "culture.detection_training": 0.0},
    "interactive AI": {"interactive.rate": 0.0, "interactive.peer_rate": 0.0},
    "the answer layer": {"platforms.search.answer_layer": 0.0},
    "pull of the audience": {"attention.audience_pull": 0.0},
    "sales beside fees": {"vendors.tool_budget": 0.0, "vendors.custom_gain": 0.0},
    "pay for producers": {"money.licence": 0.0, "money.payout_step": 0.0} | {
        f"platforms.{name}.payout": 0.0 for name in PLATFORMS
    },
    "synthetic data": {"vendors.synthetic_part": 0.0},
    "imitation of the new": {"culture.ai_familiarity": 4.0, "culture.ai_temperature": 0.0},
    "the inverted U in novelty": {"attention.novelty_amplitude": 0.0},
    "cheap immersive work": {"immersive.multiple": 500.0, "immersive.automatable": 0.0},
    "habit": {"attention.deep_habit": 0.0},
    "skimming": {"attention.skim": 1.0},
    "falsehood and error": {
        "trust.human_falsehood": 0.0, "trust.human_error": 0.0, "trust.ai_error": 0.0, "trust.ai_error_floor": 0.0,
        "farms.scruple": 1e6,
    },
    "the cost of verification": {"trust.verification": 0.0},
    "distance between trades": {"labour.reach": 1.0},
    "AI in commissions": {"commissions.brief_gap": 5.0, "commissions.own_time": 5.0, "commissions.saving": 0.0},
}  # fmt: skip


class Case(NamedTuple):
    """What switching a mechanism off does to a headline outcome: its mean moves up (1) or down (-1)."""

    off: str
    sign: int


CASES: dict[str, Case] = {
    # P1
    "ai_supply_share": Case("AI that produces alone", -1),
    "ai_attention_share": Case("AI that produces alone", -1),
    "ai_revenue_share": Case("AI that produces alone", -1),
    "visibility_odds_ratio": Case("adoption by creators", 1),  # creators with AI make better works to stand against
    "turing_pass_rate": Case("telling AI from human", 1),
    # P2
    "items_new": Case("AI that produces alone", -1),
    "craft_mean": Case("help for authors", -1),
    "craft_at_rank_10": Case("AI that produces alone", -1),
    "unit_cost": Case("AI in studios", 1),
    "consumer_surplus": Case("help for authors", -1),
    # P3
    "assisted_share": Case("adoption by creators", -1),
    "stage_ai_intensity_create": Case("AI in studios", -1),
    "assisted_appeal_ratio": Case("AI that produces alone", -1),  # it crowds out what is made by hand; 5 seeds of 6
    # P4
    "interactive_time_share": Case("interactive AI", -1),
    "publisher_referrals": Case("the answer layer", 1),
    "public_answers": Case("interactive AI", 1),  # chatbots take questions from forums
    # P5
    "platform_hhi": Case("pull of the audience", -1),
    "rank_turnover": Case("pull of the audience", 1),  # which keeps the large ahead; 3 seeds of 3
    "vendor_revenue_share": Case("sales beside fees", -1),
    "studio_revenue_share": Case("AI in studios", -1),  # whose cheaper work lets them make more
    "platform_take": Case("pay for producers", 1),
    "studios_open": Case("AI that produces alone", 1),  # which takes their audience; 3 seeds of 3
    # P6
    "synthetic_training_share": Case("synthetic data", -1),
    "training_diversity": Case("imitation of the new", -1),
    "immersive_time_share": Case("cheap immersive work", -1),
    # P7
    "depth_used": Case("habit", 1),  # habit lies below the depth of what is used
    "dwell_mean": Case("skimming", 1),
    "false_exposure_share": Case("the cost of verification", -1),
    "reach_ratio_false": Case("the cost of verification", -1),
    "trust_mean": Case("falsehood and error", 1),
    "feed_similarity": Case("imitation of the new", 1),
    # P8
    "employment": Case("AI in studios", 1),
    "displacement_rate": Case("AI in studios", -1),
    "structural_surplus": Case("distance between trades", -1),
    "meta_editor_share": Case("AI in studios", -1),
    "junior_senior_ratio": Case("AI in studios", 1),
    "commission_price": Case("AI in commissions", 1),
    "novice_share": Case("AI in commissions", 1),
    # thesis
    "creativity_premium": Case("imitation of the new", 1),  # novelty pays more where AI only copies; 6 seeds of 6
    "lovelace_pass_rate": Case("the inverted U in novelty", 1),  # which makes the very novel less welcome
    "frontier_growth": Case("imitation of the new", -1),
    "new_ground": Case("imitation of the new", -1),
}
LEAST = 0.02  # of the outcome's level, that it must move by


@functools.cache
def world() -> Settings:
    """A small world in which every mechanism has something to do."""
    return patched(compose("baseline", ["world=tiny", f"platforms=[{','.join(PLATFORMS)}]"]).settings, EAGER | WORLD)


@functools.cache
def lived(off: str = "") -> dict[str, float]:
    """Means of the last weeks, with one mechanism switched off if any."""
    settings = patched(world(), {"time.weeks": WEEKS} | (dict(OFF[off]) if off else {}))
    frame = opened(settings, WEEKS, rng=3).outcomes()[-LATE:]
    return {name: float(frame[name].mean()) for name in HEADLINES}


def test_every_headline_outcome_has_its_switch() -> None:
    assert sorted(CASES) == sorted(HEADLINES)
    assert {case.off for case in CASES.values()} == set(OFF)


@pytest.mark.parametrize("off", OFF)
def test_headlines_move_when_their_mechanism_is_switched_off(off: str) -> None:
    on, without = lived(), lived(off)
    for outcome, case in CASES.items():
        if case.off == off:
            moved = without[outcome] - on[outcome]
            assert case.sign * moved > LEAST * abs(on[outcome]), (outcome, on[outcome], moved)
