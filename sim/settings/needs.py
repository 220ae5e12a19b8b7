"""Needs that a session serves: one table, a row per need; another row is another need.

Groups of settings that hold one number per need, shares of sessions and the fit of a platform, take their fields from
the rows. Kernels take the number of needs from the shape of their arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import make_dataclass
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from sim.base.tables import F8
from sim.settings.parameter import ASSUMPTION, param

T = TypeVar("T")

MAX_NEEDS = 10  # consumers draw their weights of needs as numbers 40 to 49; number 50 is their expertise


class Need(NamedTuple):
    """A need."""

    name: str  # of the settings attention.needs.NAME and platforms.*.fit.NAME
    label: str  # goes on from "Need for" and "Fit for"
    label_zh: str
    description: str  # goes on from "the need"
    share: float  # weight in sessions, unless a user sets another
    talk: float  # how often interactive AI serves it, over how often it serves a session on average
    asks: Literal["", "informational", "making"] = ""  # type of questions of which people with this need ask more
    fit: float = 0.0  # utility on platforms whose files say nothing about it
    least: float = 0.0  # lowest weight in sessions
    source: str = ASSUMPTION  # of its share


# At these shares half of the talk with AI informs, four tenths help to make, less than 2 % is company (I26,
# second-hand).
NEEDS = (
    Need(
        name="inform", label="information", label_zh="资讯", description="to be informed",
        share=0.25, talk=2.0, asks="informational",
        source="needs: Katz, Blumler & Gurevitch 1973, POQ 37:509; size: assumption",
    ),
    Need(
        name="divert", label="diversion", label_zh="娱乐", description="for diversion",
        share=0.45, talk=0.2, least=0.01,
    ),
    Need(
        name="socialise", label="company", label_zh="社交", description="for company",
        share=0.2, talk=0.08,
    ),
    Need(
        name="make", label="making", label_zh="创作", description="to make and learn",
        share=0.1, talk=4.0, asks="making",
    ),
)  # fmt: skip


def by_need(parameter: Callable[[Need], float]) -> Callable[[type[T]], type[T]]:
    """Make a class a group of settings with one number per need, each as `parameter` declares it."""

    def filled(group: type[T]) -> type[T]:
        rows = [(need.name, float, parameter(need)) for need in NEEDS]
        made = make_dataclass(group.__name__, rows, bases=(group,), namespace={"__doc__": group.__doc__}, frozen=True)
        made.__module__ = group.__module__  # so that it can be pickled
        return made

    return filled


@by_need(
    lambda need: param(
        need.share, "1", need.least, 1.0, "",
        label=f"Need for {need.label}", label_zh=f"{need.label_zh}需求占比",
        description=f"Weight of the need {need.description} in sessions.", source=need.source,
    )
)  # fmt: skip
class Needs:
    """Weights of needs in sessions."""


@by_need(
    lambda need: param(
        need.fit, "utility", -6.0, 6.0, "",
        label=f"Fit for {need.label}", label_zh=f"{need.label_zh}需求适配",
        description=f"Fit to the need {need.description}.", source=ASSUMPTION,
    )
)  # fmt: skip
class Fit:
    """Utility of a platform for each need."""


def of_needs(group: Needs | Fit) -> F8:
    """Numbers of a group in the order of the needs, shape (needs,)."""
    return np.array([getattr(group, need.name) for need in NEEDS], np.float64)
