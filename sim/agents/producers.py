"""Producers: the table and decisions that creators, studios and AI producers have in common."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.averages import averaging_weeks
from sim.base.codes import FARM, STUDIO
from sim.base.randomness import Stream, Streams
from sim.base.records import RECENT
from sim.base.sobol import spread_uniforms
from sim.base.tables import B1, DIMS, F4, F8, I1, I4, I8, U1, U4, U8, Column, Population
from sim.kernels.listings import choose_listing_platforms, note_items
from sim.settings import Settings

LATEST = 8  # latest items of a producer that followers can meet
PROMPT_SD = 0.3  # of log skill at working with AI: assumption
HOPE = 0.01  # share of the mean return that is added to that of every platform and genre: assumption
FAMILIAR = 20.0  # pseudo-count of choices at the mean, towards which authority is shrunken: assumption
AUTHORITY_WEEKS = 20.0  # weeks that authority averages over, for a producer who is chosen very often: assumption


class Producers(NamedTuple):
    """One row per producer: first the creators' places, then the studios, then AI producers as they enter."""

    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    kind: Annotated[U1, Column("u1", "1", "0 creator, 1 studio, 2 AI producer")]
    active: Annotated[U1, Column("u1", "1", "whether it may publish")]
    genre: Annotated[I1, Column("i1", "row", "home genre")]
    home: Annotated[F4, Column("f4", "concept units", "home concept", ("dims",))]
    mean_appeal: Annotated[F4, Column("f4", "utility", "mean latent appeal of its items; 0 of an AI producer")]
    skill: Annotated[F4, Column("f4", "sd", "mean craft of its items; 0 of an AI producer")]
    imagination: Annotated[F4, Column("f4", "concept units", "scale of steps away from home")]
    prompt_skill: Annotated[F4, Column("f4", "1", "skill at working with AI, 1 on average")]
    depth: Annotated[F4, Column("f4", "depth", "depth it likes to work at")]
    item_work: Annotated[F4, Column("f4", "1", "work of its latest items by their length, 1 the usual item's", (), 1)]
    platform_taste: Annotated[F4, Column("f4", "log", "lasting taste for each platform", ("platforms",))]
    uses_ai: Annotated[U1, Column("u1", "1", "whether it works with AI")]
    ai_share: Annotated[F4, Column("f4", "share", "AI's share of its work where it uses AI")]
    followers: Annotated[I4, Column("i4", "people", "followers")]
    authority: Annotated[F4, Column("f4", "utility", "past satisfaction, shrunken; 0 when new")]
    recent: Annotated[npt.NDArray[Any], Column(RECENT, "1", "latest items, and a bit for each platform", ("recent",))]
    n_recent: Annotated[I4, Column("i4", "items", "items ever published")]
    income: Annotated[F8, Column("f8", "hours' wage/week", "eight-week mean of payouts, fees and grants")]
    cell: Annotated[I4, Column("i4", "row", "cell of platform and genre of an AI producer", (), -1)]
    account: Annotated[I4, Column("i4", "1", "number of its account in the cell, -1 if another has taken it over")]
    scruple: Annotated[F4, Column("f4", "payoffs", "gain from falsehood that an AI producer forgoes")]
    persona: Annotated[
        I4, Column("i4", "row", "producer whom the account impersonates when it lies, -1 nobody", (), -1)
    ]
    strikes: Annotated[F4, Column("f4", "strikes", "removed items, fading")]


def create_producers(settings: Settings) -> Population[Producers]:
    """An empty table of producers with room for creators and studios."""
    axes = {"dims": DIMS, "platforms": len(settings.platforms), "recent": LATEST}
    return Population(Producers, settings.world.creators + settings.world.studios, axes)


class Traits(NamedTuple):
    """What human producers are born with, as standard normal numbers, shape (n,) each."""

    gift: F8
    skill: F8
    imagination: F8
    depth: F8


def draw_births(stream: Stream, step: int, number: I8, count: int, settings: Settings) -> F8:
    """Draw the uniform numbers that human producers are born with, shape (n, count), as `world.draws` says.

    Parameters
    ----------
    number : of each producer, from 0 on, shape (n,).
    """
    if settings.world.draws == "stratified":
        return spread_uniforms(stream, step, number, count)
    return stream.uniforms(step, number.astype(np.uint64), count)


def draw_traits(uid: U8, streams: Streams) -> Traits:
    """Draw traits of producers, each independent of all others; `uid` has shape (n,)."""
    return Traits(*streams["producers"].normals(0, uid, len(Traits._fields), 10).T)


def draw_humans(
    producers: Producers, rows: I8, traits: Traits, settings: Settings, streams: Streams, shift: float
) -> None:
    """Give human producers their lasting traits; `shift` is added to skill. Their uid and genre must be set."""
    uid, draw = producers.uid[rows], streams["producers"]
    producers.home[rows] = draw.normals(0, uid, DIMS)
    producers.skill[rows] = traits.skill + shift
    producers.mean_appeal[rows] = settings.attention.producer_sd * traits.gift
    spread = settings.culture.imagination_sd
    producers.imagination[rows] = settings.culture.imagination * np.exp(spread * traits.imagination)
    producers.prompt_skill[rows] = np.exp(PROMPT_SD * draw.normal(0, uid, 14) - PROMPT_SD**2 / 2)
    taste = settings.attention.platform_taste_sd * draw.normals(0, uid, producers.platform_taste.shape[1], 20)
    producers.platform_taste[rows] = taste
    depth = settings.creators.depth_mean + settings.creators.depth_sd * traits.depth
    producers.depth[rows], producers.item_work[rows] = np.clip(depth, 0.0, 1.0), 1.0


def items_in_row(kind: U1, settings: Settings) -> F8:
    """Items that a simulated one stands for, by its maker's kind, shape of `kind`: a studio's is one project."""
    return np.where(kind == STUDIO, 1.0, settings.world.items_per_row)


def choose_platforms(
    producers: Producers,
    producer: I8,
    returns: F8,
    pay: F8,
    takes: B1,
    work: F8,
    gumbel: F8,
    u: F8,
    settings: Settings,
) -> I8:
    """Choose the platforms on which each item is listed, by logit in taste and in the log return for the work.

    AI producers list first on the platform of their cell, and choose the second by pay, among those that pay.

    Parameters
    ----------
    producer : row of each item's producer, shape (n,).
    returns : seconds that a new item is known to earn, by platform and genre, shape (K, G).
    pay : what an AI producer's listing is expected to earn, in hours' wage, by platform and genre, shape (K, G).
    takes : whether a platform takes items of each kind of producer, without and with AI, shape (K, 3, 2).
    work : work of an item made for a platform over that of an ordinary one, without and with AI, shape (K, 2).
    gumbel, u : Gumbel numbers, shape (n, K) or wider, and uniform ones for a second platform, shape (n,).

    Returns
    -------
    Platforms, shape (n, 2); the second is -1 for none.
    """
    level = np.log(returns + 1.0 + HOPE * returns.mean())
    level = np.repeat(level[:, None], takes.shape[1], axis=1)
    level[:, FARM] = np.log(np.where(pay > 0, pay, 1.0))
    worth = settings.creators.return_weight * (level[:, :, :, None] - np.log(work)[:, None, None, :])
    open_to = np.repeat(takes[:, :, None, :], returns.shape[1], axis=2)
    open_to[:, FARM] &= (pay > 0)[:, :, None]
    worth = np.where(open_to, worth, -np.inf)  # (K, kinds, G, 2)
    kind, genre = producers.kind[producer], producers.genre[producer]
    law = np.ravel_multi_index((kind, genre, producers.uses_ai[producer]), worth.shape[1:])
    home = np.where(kind == FARM, producers.cell[producer] // returns.shape[1], -1)
    again = u < settings.creators.second_platform
    chosen: I8 = choose_listing_platforms(
        producers.platform_taste, producer, worth.reshape(len(worth), -1), law, gumbel, home, again
    )
    return chosen


def remember_items(producers: Producers, producer: I8, item: I8, serial: U4, platforms: I8) -> None:
    """Write new items into their producers' rings of latest items, from which followers' feeds draw.

    Parameters
    ----------
    platforms : those on which each item is listed, shape (n, 2), -1 for none.
    """
    note_items(producers.recent, producers.n_recent, producer, item, serial, platforms)


def learn_authority(producers: Producers, pleasure: F8, chosen: F8, mean: float, week: int) -> None:
    """Update each producer's authority: satisfaction above the mean that its items gave, shrunken where few are chosen.

    Parameters
    ----------
    pleasure, chosen : the week's satisfaction and the sessions that chose an item, per producer, shape (P,).
    mean : mean satisfaction per choice over all producers.
    """
    known = chosen + FAMILIAR
    gap = (pleasure - mean * chosen) / known
    producers.authority[:] += chosen / known * (gap - producers.authority) / averaging_weeks(week, AUTHORITY_WEEKS)
