"""Known answers of questions, their channels, public answers and referrals, alone and inside the model."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import pytest

from sim.agents.adopters import create_adopters
from sim.agents.askers import (
    ATTEMPTS,
    CHATBOT,
    FIRST,
    FORUM,
    LATER,
    OWN,
    PAGES_ANSWER,
    SEARCH,
    Queries,
    answer,
    appeal,
    chances,
    coverage,
    create_askers,
    draw_queries,
    learn_channels,
    pursue,
    usable,
)
from sim.agents.vendors import GIANT, Vendor
from sim.agents.web import open_web
from sim.base.clock import YEAR, Calendar
from sim.base.randomness import Streams
from sim.base.tables import F8
from sim.model import ContentEcosystem
from sim.money.ledger import to_micro
from sim.processes.questions import ask_questions
from sim.settings import PlatformRules, Settings
from sim.settings.scenario import compose
from sim.world.setup import open_platforms
from tests.bench import (
    Part,
    batch_of,
    change,
    charters_of,
    consumers_of,
    crowd,
    frontier_at,
    part_of_week,
    part_of_world,
)
from tests.worlds import EAGER, opened, patched

PEOPLE = 300
ASKS, ANSWERS, REFERRALS, CLICKS, SEARCHES = range(5)


def web(*, layer: float = 0.0, seed: int = 1, **values: Any) -> Part:
    """Questions alone: publishers publish ten items a week, and everything else stands still."""
    platforms = {
        "search": PlatformRules(questions="search", answer_layer=layer),
        "forum": PlatformRules(questions="forum"),
        "publisher": PlatformRules(open_to="studios", pages=True),
    }
    settings = change(Settings(), world__consumers=PEOPLE, platforms=platforms, **values)
    calendar, streams = Calendar(settings.time.release, YEAR, 1), Streams(seed)
    charters, is_open = charters_of(settings), np.ones(len(platforms), np.bool_)
    consumers = consumers_of(settings, np.zeros((4, len(platforms))))
    askers = create_askers(consumers.columns, settings, streams)
    world = part_of_world(
        calendar=calendar,
        streams=streams,
        consumers=consumers,
        vendors=(),
        now=0,
        charters=charters,
        market=open_platforms(settings, charters, is_open),
        adopters=create_adopters(consumers.columns, settings, streams),
        askers=askers,
        web=open_web(askers.columns, charters, is_open, settings, streams),
    )
    output = batch_of(10, platforms=np.full((10, 2), charters.pages.argmax()))
    return Part(world, part_of_week(batch=output, frontier=frontier_at(0.0)), settings)


def ask(part: Part, weeks: int, users: float | None = None, level: float = 0.9) -> F8:
    """Run questions; public asks, answers, referrals, clicks and searches of each week, a head.

    With `users` there is AI from release on, which that share of people uses.
    """
    world, rows = part.world, []
    adopted = world.adopters.columns.adopted
    for _ in range(weeks):
        if users is not None and world.weeks_since_release >= 0:
            world.vendors, part.week.frontier = (Vendor(0, GIANT),), frontier_at(level)
            adopted[:] = np.arange(len(adopted)) % 100 < 100 * users
        ask_questions(*part)
        flows = part.week.asked
        rows.append((flows.asks.sum(), flows.answers.sum(), flows.referrals, flows.clicks.sum(), flows.tried[SEARCH]))
        world.now += 1
    return np.array(rows)


@functools.cache
def long_run(users: float | None = None, level: float = 0.9, layer: float = 0.0, **values: Any) -> F8:
    """Mean week of the fourth year after release."""
    part = web(layer=layer, **values)
    ask(part, YEAR)
    return ask(part, 4 * YEAR, users, level)[-YEAR:].mean(axis=0)


def effect(**values: Any) -> F8:
    """What AI does to the mean week of the fourth year, over the same without AI."""
    plain = {name: value for name, value in values.items() if name not in ("users", "level", "layer")}
    return long_run(**values) / long_run(**plain)


# Pieces


def put(first: F8, later: F8, success: F8, n: int = 20_000) -> tuple[F8, F8]:
    """Attempts a query at each channel, first and later, for n askers of two types alike."""
    shape = (2, n)
    u = np.random.default_rng(1).random((ATTEMPTS, *shape))
    queries = Queries(np.ones(shape), np.full(shape, 0.5), np.zeros(shape, bool), u)
    value = np.stack([np.repeat(v[:, None], n, axis=1) for v in (first, later)])
    tried = pursue(queries, value, np.broadcast_to(success[:, None, None], (4, *shape)))
    made_first, made_later = tried.made.mean(axis=(2, 3))
    return made_first, made_later


def test_utility_is_success_less_delay_and_access() -> None:
    settings = Settings()
    askers = create_askers(crowd(settings, np.zeros((4, 0))), settings, Streams(1)).columns
    askers.believed[:, LATER] = 0.25
    rule = dataclasses.replace(settings.questions, activity=0.5)
    value = appeal(askers, 0.99, 1.99, rule)[LATER]
    assert value[SEARCH] == pytest.approx(1.0 - 0.25 * np.log(4.0))
    assert value[CHATBOT] == pytest.approx(1.0 - 0.25 * np.log(1.5) - rule.chatbot_access)
    forum = 1.0 - 0.25 * np.log(601.0) + 0.3 - rule.forum_access + 0.5 * np.log(0.5)
    assert value[FORUM] == pytest.approx(forum)


def test_first_attempts_are_a_logit_and_failures_move_on() -> None:
    value = np.array([1.0, 0.0, 0.5, -np.inf])
    first, later = put(value, value, np.array([0.5, 0.5, 0.5, 1.0]))
    odds = np.exp(value)
    np.testing.assert_allclose(first, odds / odds.sum(), atol=0.01)
    assert later.sum() == pytest.approx(0.5 + 0.25)
    assert first[OWN] == later[OWN] == 0.0


def test_what_succeeds_ends_and_no_channel_is_tried_twice() -> None:
    value = np.array([3.0, 0.0, 0.0, 0.0])
    first, later = put(value, value, np.ones(4))
    assert first.sum() == pytest.approx(1.0) and later.sum() == 0.0
    first, later = put(value, value, np.zeros(4))
    assert first.sum() + later.sum() == pytest.approx(ATTEMPTS)
    assert (first + later).max() <= 1.0 + 1e-12
    only = np.array([-np.inf, -np.inf, -np.inf, 0.0])
    first, later = put(only, only, np.zeros(4))
    assert first[OWN] == 1.0 and later.sum() == 0.0


def test_coverage_is_that_of_two_independent_sources() -> None:
    rule = dataclasses.replace(Settings().questions, half_answers=0.5, half_pages=0.25)
    covered, part = coverage(np.full((2, 2), 1.5), np.array([0.75, 0.0]), rule)
    a, p = 0.75, 0.75 * PAGES_ANSWER
    np.testing.assert_allclose(covered[:, 0], 1 - (1 - a) * (1 - p))
    np.testing.assert_allclose(part[:, 0], p / (a + p))
    np.testing.assert_allclose(covered[:, 1], a)
    assert (part[:, 1] == 0).all()
    assert coverage(np.zeros((2, 2)), np.zeros(2), rule)[0].max() == 0.0


def test_a_chatbot_needs_capability_and_a_corpus() -> None:
    settings = Settings()
    askers = create_askers(crowd(settings, np.zeros((4, 0))), settings, Streams(1)).columns
    queries = draw_queries(askers, 0.0, Streams(1)["q"], 0)
    none, full, half = np.zeros((2, 2)), np.ones((2, 2)), np.full((2, 2), 0.5)

    def mean(live: F8, learned: F8, level: float, **values: float) -> float:
        rule = dataclasses.replace(settings.questions, **values)
        return float(chances(askers, queries, live, learned, 0.5, level, rule)[CHATBOT].mean())

    assert mean(none, none, 1.0) == 0.0
    assert mean(full, none, 1.0, retrieval=0.0) == 0.0
    assert mean(half, none, 1.0, retrieval=0.5) == pytest.approx(0.25 * mean(full, full, 1.0))
    assert mean(full, full, 0.9) > mean(full, full, 0.1)
    assert 0.45 < mean(full, full, 0.5) < 0.55  # as many questions are easier as are harder


def test_public_answers_meet_questions_at_random() -> None:
    asks = np.array([3.0, 1.0])
    np.testing.assert_allclose(answer(asks, 4.0), asks * (1 - np.exp(-1.0)))
    assert answer(asks, 1e-6).sum() == pytest.approx(1e-6)
    assert answer(asks, 1e6).sum() == pytest.approx(4.0)
    assert answer(np.zeros(2), 1.0).sum() == 0.0


def test_beliefs_go_to_what_a_channel_brings() -> None:
    settings = change(Settings(), world__consumers=PEOPLE)
    askers = create_askers(crowd(settings, np.zeros((4, 0))), settings, Streams(1)).columns
    success = np.array([0.9, 0.1, 0.5, 0.3])
    able = np.where([usable(np.zeros(PEOPLE, bool), np.ones(4, bool))] * 2, 0.0, -np.inf)
    for week in range(60):
        queries = draw_queries(askers, 0.15, Streams(1)["q"], week)
        given = np.broadcast_to(success[:, None, None], (4, 2, PEOPLE))
        learn_channels(askers, pursue(queries, able, given), given, 0.3)
    for channel in (SEARCH, FORUM, OWN):
        assert np.median(askers.believed[:, FIRST, channel]) == pytest.approx(success[channel], abs=0.01)
    assert (askers.believed[:, :, CHATBOT] == 0.5).all()  # never tried


# Without AI


def test_without_ai_answers_and_referrals_are_flat() -> None:
    weeks = ask(web(), 6 * YEAR)
    years = weeks[:, [ANSWERS, REFERRALS]].reshape(6, YEAR, 2).mean(axis=1)
    assert np.abs(years / years[0] - 1.0).max() < 0.03


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
def test_a_tenth_of_the_stocks_is_enough_to_come_back_within_two_years(exponent: float) -> None:
    """Within 15 %: what fades in two years has by then been replaced to two thirds."""
    part = web(questions__reads_exponent=exponent)
    before = ask(part, 2 * YEAR)[YEAR:].mean(axis=0)
    part.world.web.columns.answers[:] *= 0.1
    part.world.web.columns.pages[:] *= 0.1
    after = ask(part, 2 * YEAR + 4)
    assert after[:4, REFERRALS].mean() < 0.5 * before[REFERRALS]
    assert after[-8:, [ANSWERS, REFERRALS]].mean(axis=0) == pytest.approx(before[[ANSWERS, REFERRALS]], rel=0.15)


def test_without_a_summary_fifteen_searches_of_a_hundred_lead_to_a_click() -> None:
    mean = long_run()
    assert mean[CLICKS] / mean[SEARCHES] == pytest.approx(0.15, abs=0.01)  # I25


# With AI


def test_an_answer_layer_takes_the_clicks_that_it_makes_needless() -> None:
    parts = [web(layer=layer) for layer in (0.0, 0.6)]
    none, layer = (ask(part, YEAR + 1, 0.0) for part in parts)
    assert np.array_equal(none[:YEAR], layer[:YEAR])  # not before release
    suffices = parts[0].settings.questions.summary_suffices
    assert layer[YEAR, REFERRALS] / none[YEAR, REFERRALS] == pytest.approx(1.0 - 0.6 * suffices)
    assert layer[YEAR, ASKS] == none[YEAR, ASKS]


def test_referrals_fall_for_good_as_publishers_who_live_on_them_shrink() -> None:
    at_once = 1.0 - Settings().questions.summary_suffices
    alone = effect(users=0.0, layer=1.0, questions__referral_reliance=0.0)[REFERRALS]
    reliant = effect(users=0.0, layer=1.0, questions__referral_reliance=0.6)[REFERRALS]
    assert alone == pytest.approx(at_once, abs=0.03) and reliant < alone - 0.02


def test_chatbots_draw_questions_from_forums_but_only_where_they_are_used() -> None:
    default, off = effect(users=0.7), effect(users=0.7, questions__chatbot_access=50.0)
    assert default[ASKS] < 0.8 and default[ANSWERS] < 0.9 and default[REFERRALS] < 0.9
    assert off == pytest.approx(np.ones(5), abs=1e-9)


def test_public_answers_may_hold_while_public_questions_fall() -> None:
    """The sign is open: where answers are scarce, not questions, chatbots take questions that nobody had answered."""
    scarce = effect(users=0.7, questions__offers=0.02, questions__reads_exponent=0.0)
    plenty = effect(users=0.7, questions__offers=10.0, questions__reads_exponent=2.0)
    assert scarce[ASKS] < 0.5 and scarce[ANSWERS] > 0.95
    assert plenty[ANSWERS] < 0.75


def test_an_answer_layer_may_raise_or_lower_public_answers() -> None:
    """It leaves publishers fewer pages, so that people ask more; and it leaves answers fewer readers."""
    more = effect(users=0.0, layer=1.0, questions__reads_exponent=0.0, questions__referral_reliance=0.9)
    fewer = effect(users=0.0, layer=1.0, questions__reads_exponent=2.0, questions__referral_reliance=0.0)
    assert more[ANSWERS] > 1.02 and fewer[ANSWERS] < 0.98


def test_company_of_askers_deepens_the_loss() -> None:
    assert effect(users=0.7, questions__activity=1.0)[ASKS] < effect(users=0.7)[ASKS] - 0.05


# Inside the model


@functools.cache
def settled() -> Settings:
    """A small world with search, forum and publisher in which interactive AI is soon in use."""
    platforms = "platforms=[short_video,forum,search,publisher]"
    early = {
        "time.weeks": 40, "interactive.opening": 1, "interactive.rate": 0.02, "interactive.peer_rate": 0.1,
        "technology.takeoff_years": 0.5, "technology.growth_years": 0.2, "platforms.search.answer_layer": 1.0,
        "platforms.search.answer_layer_opens": "", "studios.item_share": 0.4,
    }  # fmt: skip
    return patched(compose("baseline", ["world=tiny", platforms]).settings, EAGER | early)


@functools.cache
def lived(*values: tuple[str, Any]) -> ContentEcosystem:
    """That world after its forty weeks."""
    return opened(patched(settled(), dict(values)), 40, rng=2)


@pytest.mark.parametrize(
    ("outcome", "off"),
    [
        ("publisher_referrals", ("platforms.search.answer_layer", 0.0)),
        ("search_click_rate", ("platforms.search.answer_layer", 0.0)),
        ("public_answers", ("questions.chatbot_access", 50.0)),
        ("channel_chatbot_share", ("questions.chatbot_access", 50.0)),
    ],
)
def test_outcomes_move_when_their_mechanism_is_switched_off(outcome: str, off: tuple[str, Any]) -> None:
    on, without = (lived(*values).outcomes()[outcome].iloc[-8:].mean() for values in ((), (off,)))
    assert abs(on - without) > 0.1 * max(on, without)


def test_referrals_are_paid_to_the_studios_whose_pages_are_read() -> None:
    model = lived()
    clicks = float(model.last_week.asked.clicks[1]) * model.settings.world.consumers
    paid = model.world.ledger.flows["referral advertising", "advertisers", "studios"]
    assert paid == to_micro(clicks * model.settings.questions.click_value) > 0
    assert model.world.ledger.balance_total() == 0


def test_trailing_outcomes_are_sums_over_four_weeks_a_thousand_people() -> None:
    model = opened(settled(), 12, rng=2)
    flows = []
    for _ in range(4):
        model.step()
        flows.append(
            (model.last_week.asked.asks.sum(), model.last_week.asked.answers.sum(), model.last_week.asked.referrals)
        )
    row = model.outcomes().iloc[-1]
    asks, answers, referrals = 1_000.0 * np.sum(flows, axis=0)
    assert row[["public_asks", "public_answers", "publisher_referrals"]].tolist() == pytest.approx(
        [asks, answers, referrals]
    )
    assert row["public_answered_share"] == pytest.approx(answers / asks)


def test_a_forum_that_opens_late_is_answered_like_one_open_from_the_start() -> None:
    late = patched(settled(), {"platforms.forum.opens": "2022-12-26", "interactive.rate": 0.0})
    frame = opened(late, 40, rng=2).outcomes()
    start = late.time.burn_in_weeks + 4
    assert frame["public_answers"].iloc[:start].isna().all()
    usual = lived(("interactive.rate", 0.0)).outcomes()["public_answered_share"].iloc[-4:].mean()
    assert frame["public_answered_share"].iloc[-4:].mean() == pytest.approx(usual, abs=0.15)


def test_a_platform_that_has_not_entered_is_no_channel() -> None:
    waiting = {f"platforms.{name}.entry_cost": 1e9 for name in ("search", "publisher")}
    model = opened(patched(settled(), waiting), 8, rng=2)
    frame = model.outcomes()
    assert model.world.market.columns.is_open.sum() == 2
    assert (frame["channel_search_share"] == 0.0).all() and (frame["channel_forum_share"] > 0.0).all()
    assert frame[["publisher_referrals", "search_click_rate"]].isna().all(axis=None)
    assert (model.world.web.columns.pages == 0.0).all()


def test_without_search_forum_or_publisher_there_is_nothing_to_report() -> None:
    model = opened(patched(compose("baseline", ["world=tiny"]).settings, EAGER), 6)
    row = model.outcomes().iloc[-1]
    assert row[["publisher_referrals", "public_answers", "public_asks", "search_click_rate"]].isna().all()
    assert row["channel_own_share"] == 1.0 and 0.0 < row["query_success"] < 1.0
