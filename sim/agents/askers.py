"""Askers: where people take their questions, what they learn about each channel, and what answers them.

A sample of the consumers stands for all; what they do is counted in expected queries a head.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from scipy import special

from sim.agents.consumers import Consumers
from sim.parameters import Questions, Settings
from sim.randomness import Stream, Streams
from sim.tables import B1, F4, F8, I8, U8, Column, Population

CHANNELS = ("search", "forum", "chatbot", "own")
SEARCH, FORUM, CHATBOT, OWN = range(4)
TYPES = ("informational", "making")
INFORMATIONAL, MAKING = range(2)
FIRST, LATER = range(2)  # attempts whose success is learned apart: a question that failed once is a harder one
ATTEMPTS = 3
MOST_ASKERS = 500  # a sample keeps large worlds quick; what they do is counted in expectation, so it is not noisy

DELAY = np.array([3.0, 600.0, 0.5, 0.0])  # minutes until a channel has answered; of own knowledge: assumption
SUCCESS_WEIGHT, DELAY_WEIGHT = 4.0, 0.25  # of believed success and of log(1 + minutes) in utility: assumption
COMPANY = np.array([0.0, 0.3, 0.0, 0.0])  # utility of the exchange itself: assumption
OWN_COST = 0.5  # utility lost with finding out by oneself: assumption
RATE_SD = 0.5  # log spread of queries over people: assumption
OWN_BASE, OWN_EXPERTISE, OWN_SLOPE = -0.5, 0.5, 3.0  # log-odds of knowing: mean, by expertise, by ease: assumption
PAGES_ANSWER = np.array([0.8, 0.1])  # of each type's questions, those that publishers' pages can answer: assumption
FIRST_BELIEF = 0.5  # believed success of a channel never tried: assumption
LEAST_ASKS = 0.01  # public questions a head and week that keep the log of activity finite: assumption


class Askers(NamedTuple):
    """One row per consumer of the sample."""

    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    person: Annotated[I8, Column("i8", "row", "the consumer")]
    rate: Annotated[F8, Column("f8", "queries/week", "queries of each type", ("types",))]
    knows: Annotated[F8, Column("f8", "log-odds", "own knowledge of a question of middling difficulty")]
    believed: Annotated[F4, Column("f4", "share", "believed success, first and later attempts", ("tries", "channels"))]


class Queries(NamedTuple):
    """One question of each type and asker that stands for the week's; m = types x askers, type by type."""

    weight: F8  # (m,) queries that it stands for
    difficulty: F8  # (m,) 0 to 1
    fresh: I8  # (m,) 1 for a fresh topic
    mood: F8  # (ATTEMPTS, m) uniform numbers that decide among channels


class Tried(NamedTuple):
    """Expected attempts at each channel, shape (m, channels)."""

    first: F8
    later: F8

    @property
    def total(self) -> F8:
        """All attempts."""
        return self.first + self.later


def create_askers(people: Consumers, settings: Settings, streams: Streams) -> Population[Askers]:
    """Pick the sample by uid; who needs information or makes things more often asks more of that type."""
    n = min(len(people.uid), MOST_ASKERS)
    table = Population(Askers, n, {"types": len(TYPES), "tries": 2, "channels": len(CHANNELS)})
    table.n = n
    askers = table.columns
    askers.person[:] = person = np.argsort(people.uid)[:n]
    askers.uid[:] = people.uid[person]
    needs = np.diff(people.needs[person], axis=1, prepend=0.0)[:, [0, 3]] + 1e-9
    z = streams["askers"].normal(0, askers.uid)
    rate = settings.questions.queries * np.exp(RATE_SD * z - RATE_SD**2 / 2)
    askers.rate[:] = rate[:, None] * needs / needs.sum(axis=1, keepdims=True)
    askers.knows[:] = OWN_BASE + OWN_EXPERTISE * people.expertise[person]
    askers.believed[:] = FIRST_BELIEF
    return table


def draw_queries(askers: Askers, fresh_share: float, draw: Stream, step: int) -> Queries:
    """The week's questions."""
    types, n = len(TYPES), len(askers.uid)
    number = np.arange(2 + ATTEMPTS)[:, None, None] * types + np.arange(types)[:, None]
    u = draw.uniform(step, askers.uid[None, None, :], number).reshape(2 + ATTEMPTS, types * n)
    return Queries(askers.rate.T.ravel(), u[0], (u[1] < fresh_share).astype(np.int64), u[2:])


def coverage(answers: F8, pages: F8, rule: Questions) -> tuple[F8, F8]:
    """What the web covers: all of it, and the part of what it covers that pages rather than answers give.

    Parameters
    ----------
    answers : stock of public answers over that before release, by type and topic (lasting, fresh), shape (2, 2).
    pages : stock of publishers' pages over that before release, by topic, shape (2,).

    Returns
    -------
    Both by type and topic, shape (2, 2).
    """
    by_answers = answers / (answers + rule.half_answers)
    by_pages = PAGES_ANSWER[:, None] * (pages / (pages + rule.half_pages))
    both = by_answers + by_pages
    part = np.divide(by_pages, both, out=np.zeros_like(both), where=both > 0)
    return 1.0 - (1.0 - by_answers) * (1.0 - by_pages), part


def chances(
    askers: Askers, queries: Queries, live: F8, learned: F8, answered: float, capability: float, rule: Questions
) -> F8:
    """Chance that each channel answers each question, shape (m, channels).

    Parameters
    ----------
    live, learned : what the web covers now, and what it covered when models were trained, by type and topic, (2, 2).
    answered : share of public questions that were answered lately.
    capability : of the model that the mean user meets.
    """
    kind = np.repeat(np.arange(len(TYPES)), len(askers.uid))
    found = live[kind, queries.fresh]
    known = 1.0 - (1.0 - learned[kind, queries.fresh]) * (1.0 - rule.retrieval * found)
    able = special.expit(rule.chatbot_slope * (capability - queries.difficulty))
    own = special.expit(np.tile(askers.knows, len(TYPES)) - OWN_SLOPE * (queries.difficulty - 0.5))
    return np.column_stack([found, np.full(len(kind), answered), able * known, own])


def appeal(askers: Askers, attempt: int, asks: float, asks_before: float, rule: Questions) -> F8:
    """Utility of each channel at a first or later attempt, shape (askers, channels).

    Parameters
    ----------
    asks, asks_before : public questions a head and week, lately and before release.
    """
    company = rule.activity * np.log((asks + LEAST_ASKS) / (asks_before + LEAST_ASKS))
    access = np.array([0.0, rule.forum_access - company, rule.chatbot_access, OWN_COST])
    fixed = COMPANY - DELAY_WEIGHT * np.log1p(DELAY) - access
    return np.asarray(SUCCESS_WEIGHT * askers.believed[:, attempt] + fixed, np.float64)


def pursue(queries: Queries, first: F8, later: F8, success: F8) -> Tried:
    """Put each question to up to three channels, one after another, none twice; the next only where one has failed.

    Channels are drawn by a logit; whether one answers is kept as an expectation, so that a harder question, which
    fails more often, weighs more at later attempts.

    Parameters
    ----------
    first, later : utility of each channel, -inf where it is closed, shape (m, channels).
    success : chance that a channel answers, shape (m, channels).
    """
    rows, weight = np.arange(len(success)), queries.weight
    odds = np.exp(first)
    made = np.zeros((2, *success.shape))
    tried = np.zeros(success.shape, np.bool_)
    for attempt in range(ATTEMPTS):
        total = np.cumsum(odds, axis=1)
        asked = total[:, -1] > 0
        channel = (total <= (queries.mood[attempt] * total[:, -1])[:, None]).sum(axis=1)
        channel = np.minimum(channel, len(CHANNELS) - 1)
        weight = np.where(asked, weight, 0.0)
        made[min(attempt, LATER), rows, channel] += weight
        weight = weight * (1.0 - success[rows, channel])
        tried[rows, channel] = True
        odds = np.where(tried, 0.0, np.exp(later))
    return Tried(made[FIRST], made[LATER])


def learn_channels(askers: Askers, tried: Tried, success: F8, step: float) -> None:
    """Move beliefs towards what the channels tried have brought, by a step for each query."""
    shape = (len(TYPES), *askers.believed[:, FIRST].shape)
    for attempt, made in enumerate(tried):
        queries = made.reshape(shape).sum(axis=0)
        brought = (made * success).reshape(shape).sum(axis=0)
        mean = np.divide(brought, queries, out=np.zeros_like(queries), where=queries > 0)
        weight = -np.expm1(np.log1p(-step) * queries)
        askers.believed[:, attempt] += weight * (mean - askers.believed[:, attempt])


def answer(asks: F8, offers: float) -> F8:
    """Questions that get a first answer where so many answers meet them at random (urn and balls); shape of asks."""
    total = float(asks.sum())
    return np.asarray(asks * -np.expm1(-offers / total) if total > 0 else np.zeros_like(asks), np.float64)


def usable(adopted: B1, is_open: B1) -> B1:
    """Channels that each asker can use, shape (askers, channels): a chatbot only for who has taken up interactive AI.

    Parameters
    ----------
    adopted : shape (askers,).
    is_open : whether there is such a channel, shape (channels,).
    """
    able = np.tile(is_open, (len(adopted), 1))
    able[:, CHATBOT] &= adopted
    return np.asarray(able, np.bool_)
