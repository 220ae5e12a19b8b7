"""Immersive media: the work that an item takes, the pull of other users, and the burden of headsets."""

from __future__ import annotations

import numpy as np

from sim.base.clock import WEEKS_PER_YEAR
from sim.base.tables import B1, F8
from sim.settings import Settings


def work_factor(capability: float, uses_ai: B1, settings: Settings) -> F8:
    """Work of an immersive item over that of an ordinary one by the same maker, at least 1, shape (n,).

    For makers who work with AI the automatable part shrinks with capability; the rest stays human.

    Parameters
    ----------
    capability : that the mean user of AI meets, 0 to 1.
    uses_ai : whether each maker works with AI, shape (n,).
    """
    rule = settings.immersive
    saved = rule.automatable * capability * np.asarray(uses_ai, np.float64)
    return np.maximum(rule.multiple * (1.0 - saved), 1.0)


def is_afforded(work: F8, u: F8) -> B1:
    """Draw whether each planned item is made, with probability 1 / `work`, shape (n,).

    A maker has the hours of an ordinary item for each; so a hundred such budgets make about 100 / `work` immersive
    items.

    Parameters
    ----------
    work : work of each item over an ordinary one, at least 1, shape (n,).
    u : uniform numbers, shape (n,).
    """
    return np.asarray(u * work < 1.0, np.bool_)


def network_pull(immersive: B1, users: F8, settings: Settings) -> F8:
    """Utility that immersive platforms gain from their other users: in proportion to users' share; shape (K,).

    Parameters
    ----------
    immersive : which platforms are immersive, shape (K,).
    users : share of people who have installed each, shape (K,).
    """
    return np.where(immersive, settings.immersive.network * users, 0.0)


def headset_burden(immersive: B1, weeks: F8, settings: Settings) -> F8:
    """Utility that each platform loses because it needs a headset, shape (K,); it decays over the years.

    Parameters
    ----------
    immersive : which platforms are immersive, shape (K,).
    weeks : since each platform's opening date, shape (K,); before it the burden is that of the start.
    """
    rule, burden = settings.immersive, np.zeros(len(immersive))
    if immersive.any():
        years = np.maximum(weeks[immersive], 0.0) / WEEKS_PER_YEAR
        burden[immersive] = rule.headset * rule.headset_decay**years
    return burden
