"""Questions: through which channels they went, what was answered in public, and what publishers got."""

from __future__ import annotations

from sim.agents.askers import CHANNELS, FORUM, SEARCH
from sim.agents.web import open_channels
from sim.measures.sums import Values
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

THOUSAND = 1_000.0  # people: flows per person are reported per thousand


def measure_questions(world: World, week: Week, settings: Settings) -> Values:
    """Measure referrals, public questions and answers, channels, clicks, success; None without such a channel."""
    web, flows = world.web.columns, week.asked
    this_week = week.sessions_market.is_open > 0  # `market.is_open` already has what opens next week
    is_open = open_channels(world.charters, this_week)
    referred = bool(is_open[SEARCH] and (world.charters.pages & this_week).any())
    asks, answers = float(web.past_asks.sum()), float(web.past_answers.sum())
    searches, attempts = float(flows.tried[SEARCH]), float(flows.tried.sum())
    return {
        "publisher_referrals": THOUSAND * float(web.past_referrals.sum()) if referred else None,
        "public_answers": THOUSAND * answers if is_open[FORUM] else None,
        "public_asks": THOUSAND * asks if is_open[FORUM] else None,
        "public_answered_share": min(answers / asks, 1.0) if asks > 0 else None,
        "search_click_rate": min(float(flows.clicks.sum()) / searches, 1.0) if searches > 0 else None,
        "query_success": min(flows.solved / flows.queries, 1.0),
    } | {f"channel_{name}_share": float(part) / attempts for name, part in zip(CHANNELS, flows.tried, strict=True)}
