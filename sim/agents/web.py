"""The web that answers questions: stocks of public answers and publishers' pages, and the visits that sustain them."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from sim.agents.askers import (
    FIRST,
    FORUM,
    INFORMATIONAL,
    SEARCH,
    TYPES,
    Askers,
    Queries,
    Tried,
    answer,
    appeal,
    chances,
    coverage,
    draw_queries,
    learn_channels,
    of_topic,
    pursue,
    usable,
)
from sim.agents.platforms import Charters
from sim.base.clock import MONTH
from sim.base.randomness import Streams
from sim.base.tables import B1, F8, Column, Population
from sim.settings import Questions, Settings

LIVES = np.array(
    [104.0, 26.0]
)  # time constants in weeks of fading of answers to lasting and to fresh questions: assumption


KEPT = np.exp(-1.0 / LIVES)  # share that is left a week later


SETTLING_WEEKS = 60  # of askers who learn, before the world opens; references are means of the last half


SETTLING_STEP = 0.3  # step of learning while settling


class Web(NamedTuple):
    """What can answer questions, and what it lives on; one row. Stocks are over those before release."""

    answers: Annotated[F8, Column("f8", "1", "stock of public answers", ("types", "topics"), 1)]
    pages: Annotated[F8, Column("f8", "1", "stock of publishers' pages", ("topics",), 1)]
    learned_answers: Annotated[F8, Column("f8", "1", "the same as models last learned it", ("types", "topics"))]
    learned_pages: Annotated[F8, Column("f8", "1", "the same as models last learned it", ("topics",))]
    answered: Annotated[F8, Column("f8", "share", "share of public questions answered, 8-week mean")]
    asks: Annotated[F8, Column("f8", "queries/week", "public questions per head, 8-week mean")]
    reads: Annotated[F8, Column("f8", "reads/week", "reads of public answers per head, 8-week mean")]
    referrals: Annotated[F8, Column("f8", "clicks/week", "clicks through to publishers per head, 26-week mean")]
    asks_before: Annotated[F8, Column("f8", "queries/week", "public questions per head before release")]
    reads_before: Annotated[F8, Column("f8", "reads/week", "reads of public answers per head before release")]
    answers_before: Annotated[F8, Column("f8", "answers/week", "first answers per head before release", ("types",))]
    referrals_before: Annotated[F8, Column("f8", "clicks/week", "clicks to publishers per head before release")]
    output_before: Annotated[F8, Column("f8", "items/week", "publishers' new items before release")]
    past_asks: Annotated[F8, Column("f8", "queries", "public questions per head in each of four weeks", ("month",))]
    past_answers: Annotated[F8, Column("f8", "answers", "first answers per head in each of them", ("month",))]
    past_referrals: Annotated[F8, Column("f8", "clicks", "clicks to publishers per head in each of them", ("month",))]


class Asked(NamedTuple):
    """A week of questions, per head."""

    tried: F8  # (channels,) attempts
    first: F8  # (channels,) first attempts
    queries: float
    solved: float
    asks: F8  # (types,) public questions
    answers: F8  # (types,) first answers to them
    clicks: F8  # (2,) of searches, on public answers and on publishers' pages
    referrals: float  # clicks of informational queries on publishers' pages


def open_web(askers: Askers, charters: Charters, is_open: B1, settings: Settings, streams: Streams) -> Population[Web]:
    """Create the web before release: let askers learn which channels help without AI, and record how the web is used.

    Parameters
    ----------
    is_open : which platforms are open at the start, shape (K,).
    """
    table = Population(Web, 1, {"types": len(TYPES), "topics": len(LIVES), "month": MONTH})
    table.n = 1
    web = table.columns
    web.answered[:] = -np.expm1(-settings.questions.offers)
    ever, weeks = (
        may_open(charters, settings),
        [],
    )  # a channel that opens later is compared with one open from the start
    channels = open_channels(charters, ever)
    web.answers[:], web.pages[:] = channels[FORUM], (charters.pages & ever).any()
    able = usable(np.zeros(len(askers.uid), np.bool_), channels)
    live, part = coverage(web.answers[0], web.pages[0], settings.questions)
    for now in range(SETTLING_WEEKS):
        queries = draw_queries(askers, settings.questions.fresh_share, streams["earlier_questions"], now)
        success = chances(askers, queries, live, live, float(web.answered[0]), 0.0, settings.questions)
        value = appeal_now(askers, web, settings.questions) if 3 * now >= SETTLING_WEEKS else np.zeros((2, *able.shape))
        tried = pursue(queries, np.where(able, value, -np.inf), success)
        learn_channels(askers, tried, success, SETTLING_STEP)
        weeks.append(sum_up(queries, tried, success, part, np.zeros(len(TYPES)), web, settings.questions))
    settled = weeks[2 * SETTLING_WEEKS // 3 :]
    web.asks[:] = web.asks_before[:] = np.mean([flows.asks.sum() for flows in settled])
    web.reads[:] = web.reads_before[:] = np.mean([reads_of(flows) for flows in settled])
    web.answers_before[0] = np.mean([flows.asks for flows in settled], axis=0) * web.answered[0]
    web.referrals[:] = web.referrals_before[:] = np.mean([flows.referrals for flows in settled])
    there, pages = open_channels(charters, is_open), (charters.pages & is_open).any()
    web.answers[:], web.pages[:] = there[FORUM], pages
    web.past_asks[:], web.past_answers[:] = there[FORUM] * web.asks_before[0], there[FORUM] * web.answers_before.sum()
    web.past_referrals[:] = there[SEARCH] * pages * web.referrals_before[0]
    return table


def may_open(charters: Charters, settings: Settings) -> B1:
    """Which platforms are open at some time of the run, or may enter by then, shape (K,)."""
    return np.asarray(charters.opens <= settings.time.weeks)


def open_channels(charters: Charters, platforms: B1) -> B1:
    """Which channels exist if these platforms are open, shape (channels,); chatbot and own knowledge always do.

    `platforms` says which are open, shape (K,).
    """
    return np.array([(charters.search & platforms).any(), (charters.forum & platforms).any(), True, True])


def reads_of(flows: Asked) -> float:
    """Reads of public answers per head: clicks from search, plus one per public question asked."""
    return float(flows.clicks[0] + flows.asks.sum())


def appeal_now(askers: Askers, web: Web, rule: Questions) -> F8:
    """Utility of each channel at first and later attempts with the web as it is now, shape (2, channels, n)."""
    return appeal(askers, float(web.asks[0]), float(web.asks_before[0]), rule)


def sum_up(queries: Queries, tried: Tried, success: F8, part: F8, layer: F8, web: Web, rule: Questions) -> Asked:
    """Sum up a week of questions, per head.

    Parameters
    ----------
    part : share of search's coverage that pages give, by type and topic, shape (2, 2).
    layer : share of searches with a summary above the results, by type, shape (2,).
    """
    n = queries.weight.shape[1]
    total = tried.total / n
    asks = total[FORUM].sum(axis=1)
    drawn = float(web.reads[0] / web.reads_before[0]) if web.reads_before[0] > 0 else 1.0
    answers = answer(asks, rule.offers * float(web.asks_before[0]) * drawn**rule.reads_exponent)
    rate = rule.click_rate * (1.0 - rule.summary_suffices * layer)
    click = rate[:, None] * total[SEARCH] * success[SEARCH]
    on_pages = (click * of_topic(part, queries.fresh)).sum(axis=1)
    read = float(on_pages.sum())
    return Asked(
        tried=total.sum(axis=(1, 2)),
        first=tried.made[FIRST].sum(axis=(1, 2)) / n,
        queries=float(queries.weight.sum() / n),
        solved=float((total * success).sum()),
        asks=asks,
        answers=answers,
        clicks=np.array([float(click.sum()) - read, read]),
        referrals=float(on_pages[INFORMATIONAL]),
    )
