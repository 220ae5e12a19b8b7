"""How people make concepts: a step from home, a blend of genres, work with AI drafts.

Random draws are keyed by the uid of the item they belong to. A stream's draws are numbered from 0 within each function,
so functions that serve the same items take streams of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.base.randomness import Stream
from sim.base.tables import F8, U8, Array


def human_concepts(home: Array, imagination: Array, *, scale: Any, stream: Stream, step: int, uids: U8) -> F8:
    """Draw human concepts, shape (n, D): the author's home plus a heavy-tailed step (multivariate Student t, 3 df).

    Parameters
    ----------
    home : position of the author in the genre, shape (n, D).
    imagination : size of the author's steps, shape (n,).
    scale : the genre's unit of length, a number or shape (n,).
    """
    dims = home.shape[1]
    z = stream.normals(step, uids, dims + 3)
    tail = np.sqrt(3.0 / np.square(z[:, dims:]).sum(axis=1))  # shared by all axes: the t has no preferred axis
    return np.asarray(home + (imagination * scale * tail)[:, None] * z[:, :dims])


def recombination_weights(
    imagination: Array,
    *,
    rate: float,
    reference: float,
    cap: float,
    low: float,
    high: float,
    stream: Stream,
    step: int,
    uids: U8,
) -> F8:
    """Draw the weight of another genre in each concept: some concepts are blends, more often for imaginative authors.

    Parameters
    ----------
    imagination : of the authors, shape (n,).
    rate, reference, cap : probability of a blend is rate * min(cap, imagination / reference).
    low, high : bounds of the uniform weight of the other genre in a blend.

    Returns
    -------
    Shape (n,), 0 where nothing is blended.
    """
    p = rate * np.minimum(cap, imagination / reference)
    u = stream.uniforms(step, uids, 2)
    return np.where(u[:, 0] < p, low + (high - low) * u[:, 1], 0.0)


def assisted(own: Array, drafts: Array, share: Any) -> F8:
    """Blend each author's concept with the AI draft that is nearest to it.

    Parameters
    ----------
    own : authors' concepts, shape (n, D).
    drafts : AI drafts, shape (n, drafts, D).
    share : weight of the draft in the blend, a number or shape (n,).

    Returns
    -------
    Concepts, shape (n, D).
    """
    kept = np.square(drafts - own[:, None, :]).sum(axis=2).argmin(axis=1)
    weight = np.reshape(np.asarray(share, np.float64), (-1, 1))
    return np.asarray((1.0 - weight) * own + weight * drafts[np.arange(len(own)), kept])


def assisted_craft(craft: Array, skill: Array, share: Any, *, gain: float, ceiling: float, prompt_skill: Any) -> F8:
    """Craft of items made with AI help: craft + share * gain * prompt_skill * max(0, ceiling - skill).

    The less skilled gain more (Noy & Zhang 2023). Craft, skill and `ceiling` are in standard deviations of skill;
    `prompt_skill` is 1 for the average author; `share` is AI's share of the work.
    """
    return np.asarray(craft + share * gain * prompt_skill * np.maximum(0.0, ceiling - skill))
