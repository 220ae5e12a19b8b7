"""Adopters: who takes up interactive AI (chatbots, virtual humans), who drops it, and how much time it gets."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from scipy import special

from sim.base.randomness import Streams
from sim.base.records import Consumers
from sim.base.tables import F4, F8, U1, Column, Population, blocks, some
from sim.kernels.columns import read, write
from sim.settings import Interactive, Settings
from sim.settings.needs import NEEDS

TALK_BY_NEED: F8 = np.array([need.talk for need in NEEDS])


class Adopters(NamedTuple):
    """One row per consumer, in the consumers' order."""

    adopted: Annotated[U1, Column("u1", "1", "whether interactive AI is in use")]
    keenness: Annotated[F4, Column("f4", "1", "factor of the hazard of taking it up, 1 on average")]
    appetite: Annotated[F4, Column("f4", "share", "part of the attention budget that it gets once in use")]


def create_adopters(people: Consumers, settings: Settings, streams: Streams) -> Population[Adopters]:
    """Draw how keen on interactive AI consumers will be, and how much they will use it; nobody does yet."""
    rule, draw = settings.interactive, streams["adopters"]
    held = dict.fromkeys(("keenness", "appetite"), people.talk.dtype)
    table = Population(Adopters, len(people.uid), dtypes=held)
    table.n = len(people.uid)
    spread, rounding = rule.keenness_sd, streams["adopters rounding"]
    for rows in blocks(table.n):
        mine, uid = some(table.columns, rows), people.uid[rows]
        keenness = np.exp(spread * draw.normal(0, uid) - spread**2 / 2)
        write(mine, "keenness", keenness, uid, rounding)
        appetite = special.expit(rule.appetite_mean + rule.appetite_sd * draw.normal(0, uid, 1))
        write(mine, "appetite", appetite, uid, rounding)
    return table


def take_up_or_drop(adopters: Adopters, peers: F8, capability: float, rule: Interactive, u: F8) -> None:
    """One week of taking up and dropping interactive AI.

    The hazard of taking it up is linear in peers: (rate + peers' rate · share of peers) times keenness and
    exp(pull of capability · capability); an exponential one would always saturate. That of dropping is over the same
    factor, so that who is keen stays.

    Parameters
    ----------
    peers : share of the people followed who use it, shape (n,).
    capability : of the model that the mean user meets, 0 to 1.
    u : uniform numbers, shape (n,).
    """
    pull = read(adopters.keenness) * np.exp(rule.capability_pull * capability)
    hazard = np.where(adopters.adopted > 0, rule.drop_rate / pull, (rule.rate + rule.peer_rate * peers) * pull)
    adopters.adopted[:] ^= u < 1.0 - np.exp(-hazard)  # who changes
