"""Producers: what creators, studios and AI producers have in common, one row each."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.kernels.attention import RECENT
from sim.parameters import Settings
from sim.randomness import Streams
from sim.tables import DIMS, F4, F8, I1, I4, I8, U1, U4, U8, Column, Population

CREATOR, STUDIO, FARM = 0, 1, 2
KINDS = ("creator", "studio", "farm")
LATEST = 8  # items that followers can meet


class Producers(NamedTuple):
    """One row per producer: first the creators' places, then the studios, then AI producers as they enter."""

    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    kind: Annotated[U1, Column("u1", "1", "0 creator, 1 studio, 2 AI producer")]
    active: Annotated[U1, Column("u1", "1", "whether it may publish")]
    genre: Annotated[I1, Column("i1", "row", "home genre")]
    home: Annotated[F4, Column("f4", "concept units", "home concept", ("dims",))]
    gift: Annotated[F4, Column("f4", "utility", "mean latent appeal of its items")]
    skill: Annotated[F4, Column("f4", "sd", "mean craft of its items")]
    imagination: Annotated[F4, Column("f4", "concept units", "scale of steps away from home")]
    prompt_skill: Annotated[F4, Column("f4", "1", "skill at working with AI, 1 on average")]
    depth: Annotated[F4, Column("f4", "depth", "depth it likes to work at")]
    platform_taste: Annotated[F4, Column("f4", "log", "lasting taste for each platform", ("platforms",))]
    uses_ai: Annotated[U1, Column("u1", "1", "whether it works with AI")]
    ai_share: Annotated[F4, Column("f4", "share", "AI's share of its work where it uses AI")]
    followers: Annotated[I4, Column("i4", "people", "followers")]
    authority: Annotated[F4, Column("f4", "utility", "past satisfaction, shrunken; 0 when new")]
    recent: Annotated[npt.NDArray[Any], Column(RECENT, "1", "latest items, and a bit for each platform", ("recent",))]
    n_recent: Annotated[I4, Column("i4", "items", "items ever published")]
    cell: Annotated[I4, Column("i4", "row", "cell of platform and genre of an AI producer", (), -1)]
    account: Annotated[I4, Column("i4", "1", "number of its account within the cell")]


def create_producers(settings: Settings) -> Population[Producers]:
    """An empty table with room for the humans."""
    axes = {"dims": DIMS, "platforms": len(settings.platforms), "recent": LATEST}
    return Population(Producers, settings.world.creators + settings.world.studios, axes)


def draw_humans(producers: Producers, rows: I8, settings: Settings, streams: Streams, shift: float) -> None:
    """Draw what a human producer is born with; `shift` is added to skill. Rows' uid and genre must be set."""
    uid, draw = producers.uid[rows], streams["producers"]
    producers.home[rows] = draw.normals(0, uid, DIMS)
    producers.skill[rows] = draw.normal(0, uid, 10) + shift
    producers.gift[rows] = settings.attention.producer_sd * draw.normal(0, uid, 11)
    spread = settings.culture.imagination_sd
    producers.imagination[rows] = settings.culture.imagination * np.exp(spread * draw.normal(0, uid, 12))
    producers.prompt_skill[rows] = np.exp(0.3 * draw.normal(0, uid, 13) - 0.045)
    taste = settings.attention.platform_taste_sd * draw.normals(0, uid, producers.platform_taste.shape[1], 20)
    producers.platform_taste[rows] = taste
    depth = settings.creators.depth_mean + settings.creators.depth_sd * draw.normal(0, uid, 14)
    producers.depth[rows] = np.clip(depth, 0.0, 1.0)


def remember_items(producers: Producers, producer: I8, item: I8, serial: U4, platforms: U4) -> None:
    """Note new items where followers can meet them: a ring of the latest.

    Parameters
    ----------
    platforms : a bit for each platform on which the item is listed, shape (n,).
    """
    order = np.argsort(producer, kind="stable")
    p = producer[order]
    first = np.searchsorted(p, p)
    slot = (producers.n_recent[p] + np.arange(len(p)) - first) % LATEST
    for name, value in (("item", item), ("serial", serial), ("platforms", platforms)):
        producers.recent[name][p, slot] = value[order]
    np.add.at(producers.n_recent, producer, 1)


def learn_authority(producers: Producers, pleasure: F8, uses: F8, mean: float) -> None:
    """Move authority towards the satisfaction that a producer's items gave above the mean, shrunken by 20 uses.

    Parameters
    ----------
    pleasure, uses : the week's sums per producer, shape (P,).
    """
    gap = (pleasure - mean * uses) / (uses + 20.0)
    weight = uses / (uses + 20.0)
    producers.authority[:] += 0.05 * weight * (gap - producers.authority)
