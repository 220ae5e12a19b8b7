"""Askers: where people take their questions, what they learn about each channel, and what answers them.

A sample of consumers stands for all; what they do is counted in expected queries per head.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from scipy import special

from sim.base.randomness import Stream, Streams
from sim.base.records import Consumers
from sim.base.tables import B1, F8, I8, U8, Column, Population
from sim.kernels.columns import read
from sim.kernels.questions import follow_questions
from sim.settings import Questions, Settings
from sim.settings.needs import NEEDS

CHANNELS = ("search", "forum", "chatbot", "own")
SEARCH, FORUM, CHATBOT, OWN = range(4)
TYPES = ("informational", "making")
INFORMATIONAL, MAKING = range(2)
FIRST, LATER = range(2)  # of a question; success is learned separately
ATTEMPTS = 3
DRAWS = np.arange((2 + ATTEMPTS) * len(TYPES))  # numbers of an asker's draws in a week
MAX_ASKERS = 300  # a sample keeps large worlds quick; what they do is counted in expectation, so it is not noisy

DELAY = np.array([3.0, 600.0, 0.5, 0.0])  # minutes until a channel has answered; of own knowledge: assumption
SUCCESS_WEIGHT, DELAY_WEIGHT = 4.0, 0.25  # of believed success and of log(1 + minutes) in utility: assumption
COMPANY = np.array([0.0, 0.3, 0.0, 0.0])  # utility of the exchange itself: assumption
WORTH = COMPANY - DELAY_WEIGHT * np.log1p(DELAY)  # utility of using a channel, apart from success
OWN_COST = 0.5  # utility lost with finding out by oneself: assumption
RATE_SD = 0.5  # log spread of queries over people: assumption
OWN_BASE, OWN_EXPERTISE, OWN_SLOPE = -0.5, 0.5, 3.0  # log-odds of knowing: mean, by expertise, by ease: assumption
PAGES_ANSWER = np.array([0.8, 0.1])  # of each type's questions, those that publishers' pages can answer: assumption
FIRST_BELIEF = 0.5  # believed success of a channel never tried: assumption
MIN_ASKS = 0.01  # public questions per head and week, added so that the log of activity is finite: assumption


class Askers(NamedTuple):
    """One row per consumer of the sample."""

    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    person: Annotated[I8, Column("i8", "row", "the consumer")]
    rate: Annotated[F8, Column("f8", "queries/week", "queries of each type", ("types",))]
    knows: Annotated[F8, Column("f8", "log-odds", "own knowledge of a question of middling difficulty")]
    believed: Annotated[F8, Column("f8", "share", "believed success, first and later attempts", ("tries", "channels"))]


class Queries(NamedTuple):
    """One question of each type and asker that stands for the week's; 2 types, n askers."""

    weight: F8  # (2, n) queries that it stands for
    difficulty: F8  # (2, n) 0 to 1
    fresh: B1  # (2, n) whether its topic is fresh
    mood: F8  # (ATTEMPTS, 2, n) uniform numbers that decide among channels


class Tried(NamedTuple):
    """Expected attempts at each channel."""

    made: F8  # (2, channels, 2, n) first and later ones

    @property
    def total(self) -> F8:
        """All attempts, shape (channels, 2, n)."""
        total: F8 = self.made[FIRST] + self.made[LATER]
        return total


def create_askers(people: Consumers, settings: Settings, streams: Streams) -> Population[Askers]:
    """Create the sample of askers, with their rates of queries and their knowledge.

    They are the consumers with the lowest uids, which are hashes. Consumers who often need information, or often make
    things, ask more questions of that type.
    """
    n = min(len(people.uid), MAX_ASKERS)
    table = Population(Askers, n, {"types": len(TYPES), "tries": 2, "channels": len(CHANNELS)})
    table.n = n
    askers = table.columns
    askers.person[:] = person = np.argsort(people.uid)[:n]
    askers.uid[:] = people.uid[person]
    share = np.diff(read(people.needs[person]), axis=1, prepend=0.0)
    needs = np.stack([share[:, [need.asks == name for need in NEEDS]].sum(axis=1) for name in TYPES], axis=1) + 1e-9
    z = streams["askers"].normal(0, askers.uid)
    rate = settings.questions.queries * np.exp(RATE_SD * z - RATE_SD**2 / 2)
    askers.rate[:] = rate[:, None] * needs / needs.sum(axis=1, keepdims=True)
    askers.knows[:] = OWN_BASE + OWN_EXPERTISE * read(people.expertise[person])
    askers.believed[:] = FIRST_BELIEF
    return table


def draw_queries(askers: Askers, fresh_share: float, draw: Stream, step: int) -> Queries:
    """Draw the week's questions: one per type and asker, which stands for all its questions of the week."""
    each = draw.uniform(step, askers.uid[:, None], DRAWS)
    u = np.ascontiguousarray(each.T).reshape(2 + ATTEMPTS, len(TYPES), len(each))
    return Queries(askers.rate.T, u[0], u[1] < fresh_share, u[2:])


def coverage(answers: F8, pages: F8, rule: Questions) -> tuple[F8, F8]:
    """Probability that the web covers a question, and the share of that coverage which comes from publishers' pages.

    Parameters
    ----------
    answers : stock of public answers over that before release, by type and topic (lasting, fresh), shape (..., 2, 2).
    pages : stock of publishers' pages over that before release, by topic, shape (..., 2).

    Returns
    -------
    Both by type and topic, shape (..., 2, 2).
    """
    by_answers = answers / (answers + rule.half_answers)
    by_pages = PAGES_ANSWER[:, None] * (pages / (pages + rule.half_pages))[..., None, :]
    both = by_answers + by_pages
    return 1.0 - (1.0 - by_answers) * (1.0 - by_pages), by_pages / np.where(both > 0, both, 1.0)


def of_topic(by_topic: F8, fresh: B1) -> F8:
    """Value for each question, shape (2, n), from values by type and topic (lasting, fresh), shape (2, 2)."""
    return np.where(fresh, by_topic[:, 1:], by_topic[:, :1])


def chances(
    askers: Askers, queries: Queries, live: F8, learned: F8, answered: float, capability: float, rule: Questions
) -> F8:
    """Probability that each channel answers each question, shape (channels, 2, n).

    Parameters
    ----------
    live, learned : what the web covers now, and what it covered when models were trained, by type and topic, (2, 2).
    answered : share of recent public questions that were answered.
    capability : of the model that the mean user meets.
    """
    success = np.empty((len(CHANNELS), *queries.difficulty.shape))
    success[SEARCH], success[FORUM] = of_topic(live, queries.fresh), answered
    able = special.expit(rule.chatbot_slope * (capability - queries.difficulty))
    known = 1.0 - (1.0 - learned) * (1.0 - rule.retrieval * live)
    success[CHATBOT] = able * of_topic(known, queries.fresh)
    success[OWN] = special.expit(askers.knows - OWN_SLOPE * (queries.difficulty - 0.5))
    return success


def appeal(askers: Askers, asks: float, asks_before: float, rule: Questions) -> F8:
    """Utility of each channel at first and at later attempts, shape (2, channels, n).

    Parameters
    ----------
    asks, asks_before : public questions per head and week, lately and before release.
    """
    company = rule.activity * np.log((asks + MIN_ASKS) / (asks_before + MIN_ASKS))
    access = np.array([0.0, rule.forum_access - company, rule.chatbot_access, OWN_COST])
    fixed = WORTH - access
    return np.asarray(SUCCESS_WEIGHT * askers.believed.transpose(1, 2, 0) + fixed[:, None], np.float64)


def pursue(queries: Queries, value: F8, success: F8) -> Tried:
    """Put each question to up to three channels, one after another, until one answers; return the expected attempts.

    Channels are drawn by a logit, none twice. Whether one answers is kept as an expectation, so harder questions, which
    fail more often, weigh more at later attempts.

    Parameters
    ----------
    value : utility of each channel at first and at later attempts, -inf where it is closed, shape (2, channels, n).
    success : probability that a channel answers, shape (channels, 2, n).
    """
    odds = np.exp(value, out=np.empty(value.shape))
    return Tried(follow_questions(queries.weight, queries.mood, odds, success))


def learn_channels(askers: Askers, tried: Tried, success: F8, step: float) -> None:
    """Move askers' beliefs about each channel towards the success it had, by a fraction `step` per query."""
    queries, brought = tried.made.sum(axis=2), (tried.made * success).sum(axis=2)
    mean = brought / np.where(queries > 0, queries, 1.0)
    believed = askers.believed.transpose(1, 2, 0)
    believed += (1.0 - np.exp(np.log1p(-step) * queries)) * (mean - believed)


def answer(asks: F8, offers: float) -> F8:
    """Number of questions that get a first answer, of the shape of `asks`, if `offers` answers meet them at random.

    This is the urn-ball model.
    """
    total = float(asks.sum())
    return np.asarray(asks * -np.expm1(-offers / total) if total > 0 else np.zeros_like(asks), np.float64)


def usable(adopted: B1, is_open: B1) -> B1:
    """Which channels each asker can use, shape (channels, n); a chatbot only if it has adopted interactive AI.

    Parameters
    ----------
    adopted : shape (n,).
    is_open : whether there is such a channel, shape (channels,).
    """
    able = np.repeat(is_open[:, None], len(adopted), axis=1)
    able[CHATBOT] &= adopted
    return able
