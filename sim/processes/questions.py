"""Questions: search, forum, chatbot or own knowledge; what was answered in public, and what publishers live on."""

from __future__ import annotations

import numpy as np

from sim.agents.askers import (
    FORUM,
    chances,
    coverage,
    draw_queries,
    learn_channels,
    pursue,
    usable,
)
from sim.agents.consumers import users_by_platform
from sim.agents.web import KEPT, Asked, Web, appeal_now, may_open, open_channels, reads_of, sum_up
from sim.base.averages import SPAN, averaging_weeks
from sim.base.clock import MONTH
from sim.base.tables import B1
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

REFERRAL_WEEKS = 26.0  # over which publishers average their referrals: assumption
REFERENCE_WEEKS = 52.0  # over which what a world without AI has is averaged


def ask_questions(world: World, week: Week, settings: Settings) -> None:
    """Run one week of questions: people try channels until one answers, which leaves public answers and clicks."""
    rule, askers, web = settings.questions, world.askers.columns, world.web.columns
    answers, pages = np.concatenate([web.answers, web.learned_answers]), np.concatenate([web.pages, web.learned_pages])
    (live, learned), (part, _) = coverage(answers, pages, rule)
    queries = draw_queries(askers, rule.fresh_share, world.streams["questions"], world.now)
    success = chances(askers, queries, live, learned, float(web.answered[0]), week.frontier.level, rule)
    is_open = open_channels(world.charters, world.market.columns.is_open > 0)
    able = usable(world.adopters.columns.adopted[askers.person] > 0, is_open)
    tried = pursue(queries, np.where(able, appeal_now(askers, web, rule), -np.inf), success)
    learn_channels(askers, tried, success, rule.learning)
    layer = np.array([answer_layer(world), 0.0])
    week.asked = sum_up(queries, tried, success, part, layer, web, rule)
    _remember(world, week, settings, is_open)
    _train(world, settings)


def answer_layer(world: World) -> float:
    """Share of informational searches with a summary above the results, averaged over search platforms by users."""
    if not world.ai_released:
        return 0.0
    charters = world.charters
    search = (charters.search & (world.market.columns.is_open > 0)).nonzero()[0]
    shown = charters.answer_layer[search] * (charters.layer_opens[search] <= world.now)
    if not shown.any():
        return 0.0
    users = users_by_platform(world.consumers.columns)[search] + 1.0
    return float((users * shown).sum() / max(float(users.sum()), 1.0))


def _remember(world: World, week: Week, settings: Settings, is_open: B1) -> None:
    """Let the web's stocks of public answers and pages fade, and add the week's; update its running means.

    The stocks are relative to a world without AI, in which they are 1. `is_open` says which channels exist, shape
    (channels,).
    """
    web, flows, rule = world.web.columns, week.asked, settings.questions
    publisher, platforms = world.charters.pages & (world.market.columns.is_open > 0), week.batch.platforms
    output = float((publisher[platforms] & (platforms >= 0)).any(axis=1).sum())
    asks, reads = float(flows.asks.sum()), reads_of(flows)
    answered, month = float(flows.answers.sum()), world.now % MONTH
    web.past_asks[0, month], web.past_answers[0, month], web.past_referrals[0, month] = asks, answered, flows.referrals
    web.referrals[0] += (flows.referrals - web.referrals[0]) / REFERRAL_WEEKS
    web.asks[0] += (asks - web.asks[0]) / SPAN
    web.reads[0] += (reads - web.reads[0]) / SPAN
    if asks > 0:
        web.answered[0] += (answered / asks - web.answered[0]) / SPAN
    if (
        world.weeks_since_release < 0
        and (is_open == open_channels(world.charters, may_open(world.charters, settings))).all()
    ):
        _follow(web, flows, output, world.now)
    fed = relative_to(web.referrals[0], web.referrals_before[0])
    pages = relative_to(output, web.output_before[0]) * (1.0 - rule.referral_reliance * (1.0 - fed))
    answers = np.array([relative_to(*pair) for pair in zip(flows.answers, web.answers_before[0], strict=True)])
    web.answers[0] = KEPT * web.answers[0] + (1.0 - KEPT) * (answers[:, None] * is_open[FORUM])
    web.pages[0] = KEPT * web.pages[0] + (1.0 - KEPT) * pages * publisher.any()


def _follow(web: Web, flows: Asked, output: float, week: int) -> None:
    """Move the reference values, what a world without AI has, towards this week's."""
    web.output_before[:] += (output - web.output_before) / averaging_weeks(week, REFERENCE_WEEKS)
    pairs = (
        (web.asks_before, web.asks), (web.reads_before, web.reads), (web.referrals_before, web.referrals),
        (web.answers_before, flows.answers),
    )  # fmt: skip
    for before, now in pairs:
        before[:] += (now - before) / REFERENCE_WEEKS


def relative_to(now: float, before: float) -> float:
    """Divide a flow by its reference; 1 where the reference is 0."""
    return now / before if before > 0 else 1.0


def _train(world: World, settings: Settings) -> None:
    """Let what models know of fresh topics fade; in a week of training, let them learn all of the web's contents."""
    web, since = world.web.columns, world.weeks_since_release
    if not world.ai_released:
        return
    web.learned_answers[0, :, 1] *= KEPT[1]
    web.learned_pages[0, 1] *= KEPT[1]
    if since % settings.culture.retrain_weeks == 0:
        web.learned_answers[:], web.learned_pages[:] = web.answers, web.pages
