"""Creators: consumers who publish. Their effort, their use of AI, and when they stop."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, NamedTuple

import numpy as np
from scipy import special

from sim.agents.producers import Producers, Traits, create_producers, draw_births, draw_humans
from sim.base.averages import averaging_weeks
from sim.base.clock import QUARTER, WEEKS_PER_MONTH, YEAR
from sim.base.codes import CREATOR
from sim.base.randomness import Streams, derive
from sim.base.records import Consumers
from sim.base.tables import F4, F8, I4, I8, U1, Column, Population, blocks
from sim.kernels.columns import read
from sim.settings import Settings

MAX_LOG_OUTPUT = 6.0  # largest log output over the typical creator's, so that nobody dominates: assumption
LARGEST_LOG_GAIN = 2.0  # of uses; bounds what a few lucky adopters can teach: assumption
MAX_LOG_ODDS = 10.0  # bound of the log factor on the hazard of adoption
SETTLING_STEPS, SETTLING_WEEKS = 40, 26.0  # steps, and weeks per step, of turnover before the world opens
LAW_SIZE = 4_096  # creators over whom the mean output of the long run is taken
MAX_VACANT = 0.5  # largest share of places that are empty at first
LEAST_HOPE = 0.01  # part of the mean income before release that creators hope for at the least: assumption


class Creators(NamedTuple):
    """One row per creator's place; row r is row r of the producers."""

    consumer: Annotated[I4, Column("i4", "row", "the consumer who creates")]
    number: Annotated[I8, Column("i8", "1", "its number among all creators there ever were")]
    rate: Annotated[F4, Column("f4", "items/week", "output at par")]
    motive: Annotated[F4, Column("f4", "sd", "intrinsic motive")]
    patience: Annotated[F8, Column("f8", "1", "sum of weekly hazards of quitting that it still bears")]
    aversion: Annotated[F4, Column("f4", "log uses", "gain that AI must bring to be welcome")]
    since: Annotated[I4, Column("i4", "week", "first week in which it could publish")]
    uses: Annotated[F8, Column("f8", "uses/week", "13-week mean of uses")]
    usual_uses: Annotated[F8, Column("f8", "uses/week", "52-week mean of uses")]
    income: Annotated[F8, Column("f8", "hours' wage/week", "13-week mean of payouts, fees and grants")]


class Genres(NamedTuple):
    """One row per genre: what creators' work brings there, per item that they would make at par."""

    uses: Annotated[F8, Column("f8", "uses/item", "52-week mean of uses")]
    first_uses: Annotated[F8, Column("f8", "uses/item", "the same at release; 0 before")]
    income: Annotated[F8, Column("f8", "hours' wage/item", "13-week mean of payouts, fees and grants")]
    usual_income: Annotated[F8, Column("f8", "hours' wage/item", "52-week mean of the same up to release")]


class Posters(NamedTuple):
    """Consumers as those who may become creators, drawn in proportion to how much they post.

    They are in the order of their number, so that who is drawn does not depend on how rows are sorted.
    """

    row: I4  # (n,) of each among consumers
    activity: F8  # (n,) cumulative rate of posting
    genres: F8  # (G,) cumulative shares of genres in their interest, weighted by their rates of posting


class Births(NamedTuple):
    """What creators are born with, shape (n,) each."""

    output: F8  # log of output at par, standard normal
    gift: F8  # standard normal, as all but the last two
    motive: F8
    skill: F8
    imagination: F8
    depth: F8
    genre: F8  # uniform
    patience: F8  # exponential


def list_posters(people: Consumers, person: I8) -> Posters:
    """List consumers by their number with cumulative activity; `person` is the number of each row, shape (n,)."""
    row = np.argsort(person).astype(np.int32)
    activity = read(people.activity[row]).astype(np.float64) + 1e-6
    interest = np.zeros(people.affinity.shape[1])
    for rows in blocks(len(row)):
        interest += activity[rows] @ read(people.affinity[row[rows]])
    return Posters(row, np.cumsum(activity), interest / interest[-1])


def draw_creators(number: I8, settings: Settings, streams: Streams) -> Births:
    """Draw what creators are born with, by their number among all creators there ever were, shape (n,).

    Output and gift are correlated.
    """
    # The first numbers are spread best: those that decide how much is made, how good it is, in which genre, how long.
    u = draw_births(streams["births"], 0, number, len(Births._fields), settings)
    output, own_gift, genre, patience, *others = u.T
    output = special.ndtri(output)
    rho = settings.spread.activity_gift
    gift = rho * output + np.sqrt(1.0 - rho**2) * special.ndtri(own_gift)
    motive, skill, imagination, depth = special.ndtri(others)
    return Births(
        output=output,
        gift=gift,
        motive=motive,
        skill=skill,
        imagination=imagination,
        depth=depth,
        genre=genre,
        patience=-np.log(patience),
    )


def begin_careers(
    creators: Creators, producers: Producers, rows: I8, number: I8, output: float, settings: Settings, streams: Streams
) -> Births:
    """Let new creators take places: set what decides how much they make and how long they stay; return all traits.

    `rows` are the places, `number` those of the creators, shape (n,); `output` is their mean output in items per week.
    """
    born = draw_creators(number, settings, streams)
    spread = settings.spread.activity_sd
    creators.number[rows] = number
    creators.rate[rows] = output * np.exp(np.minimum(spread * born.output, MAX_LOG_OUTPUT) - spread**2 / 2)
    creators.motive[rows], creators.patience[rows] = born.motive, born.patience
    producers.mean_appeal[rows] = settings.attention.producer_sd * born.gift
    return born


def seat_creators(
    table: Population[Creators],
    producers: Producers,
    people: Consumers,
    posters: Posters,
    rows: I8,
    born: Births,
    week: int,
    settings: Settings,
    streams: Streams,
) -> None:
    """Find the consumers who become the creators of some places, and give these what they start with.

    `rows` are the places, whose creators have begun by `begin_careers`, `born` what these are born with, and `week` is
    the first in which they can publish. The genre is drawn first, from the interests of all who post, then a consumer
    in proportion to activity and interest in it: the same joint law as that of a consumer drawn by activity, and a
    genre by that consumer's interest.
    """
    creators = table.columns
    number = creators.number[rows]
    genre = np.minimum(np.searchsorted(posters.genres, born.genre, side="right"), settings.world.genres - 1)
    creators.consumer[rows] = consumer = _find_consumers(people, posters, number, genre, streams)
    producers.uid[rows] = uid = derive("creator", people.uid[consumer], number)
    producers.kind[rows], producers.active[rows], producers.uses_ai[rows] = CREATOR, 1, 0
    producers.ai_share[rows] = settings.culture.assist_share
    producers.genre[rows] = genre
    traits = Traits(born.gift, born.skill, born.imagination, born.depth)
    draw_humans(producers, rows, traits, settings, streams, 0.0)
    producers.followers[rows], producers.authority[rows], producers.recent["platforms"][rows] = 0, 0.0, 0
    producers.income[rows] = 0.0
    producers.strikes[rows] = 0.0
    creators.aversion[rows] = settings.creators.aversion_sd * streams["seats"].normal(0, uid)
    creators.since[rows] = week
    creators.uses[rows] = creators.usual_uses[rows] = creators.income[rows] = 0.0


def _find_consumers(people: Consumers, posters: Posters, number: I8, genre: I8, streams: Streams) -> I4:
    """Draw the consumer behind each creator, (n,), in proportion to activity and to the share of the genre in interest.

    Consumers are tried in proportion to activity and taken with the probability of that share.
    """
    seat, draw = derive("seat", 0, number), streams["seats"]
    found = np.empty(len(number), np.int32)
    left, attempt = np.arange(len(number)), 0
    while left.size:
        u = draw.uniforms(0, seat[left], 2, 2 * attempt)
        place = np.searchsorted(posters.activity, u[:, 0] * posters.activity[-1])
        row = posters.row[np.minimum(place, len(posters.row) - 1)]
        upto, mine = read(people.affinity[row]), genre[left]
        each = np.arange(len(row))
        share = upto[each, mine] - np.where(mine > 0, upto[each, mine - 1], 0.0)
        taken = u[:, 1] < share
        found[left[taken]] = row[taken]
        left, attempt = left[~taken], attempt + 1
    return found


def settle_creators(
    table: Population[Creators],
    producers: Producers,
    people: Consumers,
    posters: Posters,
    settings: Settings,
    streams: Streams,
) -> float:
    """Fill places with creators as they are after twenty years of turnover, so that the mix is that of the long run.

    Otherwise the productive, who earn more and quit less, would grow in number for years. Together they make the items
    that the world asks for.

    Returns the mean output of newcomers in items per week, such that in the long run creators go on to make as many.
    """
    creators, world = table.columns, settings.world
    n, asked = len(creators.rate), world.new_items * (1.0 - settings.studios.item_share)
    rows, active = np.arange(n), producers.active[:n]
    vacancy = _turn_over(creators, producers, settings, streams)
    born = draw_creators(creators.number, settings, streams)
    seat_creators(table, producers, people, posters, rows, born, 0, settings, streams)
    # Places that wait for a successor in the long run are spread over all outputs
    waiting = np.diff(np.floor(vacancy * np.arange(n + 1) + streams["vacancy"].uniform(0, np.zeros(1, np.uint64))))
    active[np.argsort(creators.rate)[waiting > 0]] = 0
    creators.income[:] = 0.0
    creators.rate[:] *= asked / float((creators.rate * active).sum())
    return asked / (n * (1.0 - vacancy) * _long_run_output(settings))


def _turn_over(creators: Creators, producers: Producers, settings: Settings, streams: Streams) -> float:
    """Let creators take all places, and quit and be replaced for twenty years; return the share of places that wait.

    Until there are uses, a creator is taken to earn in proportion to output and to the exponential of its mean appeal.
    """
    n, entry = len(creators.rate), settings.creators.entry_rate
    rows, ever = np.arange(n), 0
    for _ in range(SETTLING_STEPS):
        begin_careers(creators, producers, rows, ever + np.arange(len(rows)), 1.0, settings, streams)
        ever += len(rows)
        creators.income[:] = creators.rate * np.exp(producers.mean_appeal[:n])
        hazard = quit_hazard(creators, float(creators.income.mean()), np.ones(n), settings)
        rows = lose_patience(creators, SETTLING_WEEKS * hazard)
    begin_careers(creators, producers, rows, ever + np.arange(len(rows)), 1.0, settings, streams)
    mean = float(hazard.mean())
    return min(mean / (mean + entry), MAX_VACANT) if entry > 0 else 0.0


def _long_run_output(settings: Settings) -> float:
    """Mean output of creators in the long run over that of newcomers, by the law and not by one world's luck."""
    large = replace(settings, world=replace(settings.world, creators=LAW_SIZE, studios=1, draws="stratified"))
    creators, producers = Population(Creators, LAW_SIZE).columns, create_producers(large).columns
    _turn_over(creators, producers, large, Streams(0))
    return float(creators.rate.mean())


def plan_output(creators: Creators, producers: Producers, genres: Genres, settings: Settings) -> F8:
    """Expected number of items of each creator this week, shape (n,).

    Effort rises with a creator's recent over its usual uses, and after release with what creators of its genre are used
    today over what they were used before: one gets used to a loss of one's own, but not to one that the trade bears.
    Who makes items that take longer makes fewer of them.
    """
    n = len(creators.rate)
    genre = producers.genre[:n]
    known = genres.first_uses > 0
    level = np.divide(genres.uses, genres.first_uses, out=np.ones(len(known)), where=known)
    effort = (growth_of_uses(creators, genres.uses[genre]) * level[genre]) ** settings.creators.effort
    gain = 1.0 + settings.creators.time_saving * producers.uses_ai[:n]
    return np.asarray(creators.rate * effort * gain * producers.active[:n] / producers.item_work[:n], np.float64)


def growth_of_uses(creators: Creators, item: F8) -> F8:
    """Recent over usual uses of each creator, shape (n,).

    An item a quarter more, imagined in both, keeps whoever happened to publish nothing from taking that for a loss.

    Parameters
    ----------
    item : uses of an item in the creator's genre, shape (n,).
    """
    more = item / QUARTER + 1e-9
    return np.asarray((creators.uses + more) / (creators.usual_uses + more), np.float64)


def learn_results(creators: Creators, uses: F8, income: F8, week: int) -> None:
    """Update the running means of uses and income by the week's uses and payouts, each of shape (n,).

    Over a creator's first weeks they are plain averages.
    """
    age = week - creators.since + 1.0
    for column, value, weeks in (
        (creators.uses, uses, QUARTER), (creators.usual_uses, uses, YEAR), (creators.income, income, QUARTER)
    ):  # fmt: skip
        column += (value - column) / np.minimum(age, weeks)


def learn_genres(genres: Genres, par: F8, uses: F8, income: F8, week: int, since_release: int) -> None:
    """Update what creators' work brings by genre; at release, keep what it brought before.

    Parameters
    ----------
    par, uses, income : the week's sums over active creators: items at par, uses and income, shape (G,).
    """
    made = np.maximum(par, 1e-12)
    known = par > 0
    genres.uses[:] += known * (uses / made - genres.uses) / averaging_weeks(week, YEAR)
    earned = known * income / made
    genres.income[:] += known * (earned - genres.income) / averaging_weeks(week, QUARTER)
    if since_release < 0:
        genres.usual_income[:] += known * (earned - genres.usual_income) / averaging_weeks(week, YEAR)
    elif since_release == 0:
        genres.first_uses[:] = genres.uses


def hopes(genres: Genres, since_release: int) -> F8:
    """Level of creators' income by genre over that before release, shape (G,); 1 until then."""
    known = (genres.usual_income > 0) & (since_release >= 0)
    return np.divide(genres.income, genres.usual_income, out=np.ones(len(known)), where=known)


def quit_hazard(creators: Creators, reference: float, hope: F8, settings: Settings) -> F8:
    """Weekly hazard of quitting, shape (n,): lower with intrinsic motive and with income, and with what others earn.

    Parameters
    ----------
    reference : mean income before release.
    hope : level of the genre's income over that before release, for each creator, shape (n,): if all earn half as much,
        the hazard rises as if each had been halved, those included who have not earned anything yet.
    """
    c = settings.creators
    income = creators.income / reference if reference > 0 else np.zeros_like(creators.income)
    expected = np.log(np.maximum(hope, LEAST_HOPE) + income)
    return np.asarray(c.quit_rate * np.exp(-c.motive * creators.motive - c.income_keeps * expected))


def lose_patience(creators: Creators, hazard: F8) -> I8:
    """Take the hazards of quitting, shape (n,), off creators' patience; return the rows of those who have none left.

    Patience begins exponential, so that a creator quits with just this hazard, and who quits depends on what the
    creator is born with: the same in two worlds in which it fares alike.
    """
    creators.patience[:] -= hazard
    return np.flatnonzero(creators.patience <= 0.0)


def decide_adoption(
    creators: Creators, producers: Producers, gain: F8, peers: F8, price: float, settings: Settings, u: F8
) -> U1:
    """Decide for each creator whether it uses AI from now on, shape (n,), by social learning (Young 2009).

    Adoption can be reversed.

    Parameters
    ----------
    gain : difference in log uses between users of AI and others in the creator's genre, shape (n,).
    peers : share of users of AI there, shape (n,).
    price : model fee of an item over the creators' mean payout per item, capped.
    u : uniform numbers, shape (n,).
    """
    c, n = settings.creators, len(creators.rate)
    worth = gain - price - creators.aversion
    weekly = c.adoption_rate / WEEKS_PER_MONTH
    using = producers.uses_ai[:n] > 0
    pull = np.where(using, -c.adoption_gain, c.adoption_gain) * worth
    pull += c.adoption_peers * np.where(using, 1.0 - peers, peers)
    changes = u < 1.0 - np.exp(-weekly * np.exp(pull.clip(-MAX_LOG_ODDS, MAX_LOG_ODDS)))
    return np.asarray((using ^ changes) * producers.active[:n], np.uint8)
