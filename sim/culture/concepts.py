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
    """Draw human concepts: a heavy-tailed step from home (multivariate Student t, 3 degrees of freedom).

    Parameters
    ----------
    home : position of the author in the genre, shape (n, D).
    imagination : size of the author's steps, shape (n,).
    scale : the genre's unit of length, a number or shape (n,).

    Returns
    -------
    Shape (n, D).
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
    """Weight of another genre in each concept: some are blended with it, the more imaginative the author the more.

    Parameters
    ----------
    imagination : shape (n,).
    rate : probability at imagination `reference`; it grows in proportion up to `cap` times that.
    low, high : bounds of the uniform weight of the other genre.

    Returns
    -------
    Shape (n,), 0 where nothing is blended.
    """
    p = rate * np.minimum(cap, imagination / reference)
    u = stream.uniforms(step, uids, 2)
    return np.where(u[:, 0] < p, low + (high - low) * u[:, 1], 0.0)


def assisted(own: Array, drafts: Array, share: Any) -> F8:
    """Blend an author's concept with AI drafts and keep the blend nearest to the author's own concept.

    Parameters
    ----------
    own : shape (n, D).
    drafts : shape (n, drafts, D).
    share : weight of the draft, a number or shape (n,).

    Returns
    -------
    Shape (n, D).
    """
    kept = np.square(drafts - own[:, None, :]).sum(axis=2).argmin(axis=1)
    weight = np.reshape(np.asarray(share, np.float64), (-1, 1))
    return np.asarray((1.0 - weight) * own + weight * drafts[np.arange(len(own)), kept])


def assisted_craft(craft: Array, skill: Array, share: Any, *, gain: float, ceiling: float, prompt_skill: Any) -> F8:
    """Raise craft by AI help: the less skilled gain more (Noy & Zhang 2023), and skilled prompting scales the gain.

    Craft, skill and `ceiling` are in standard deviations of skill; `prompt_skill` is 1 for the average author.
    """
    return np.asarray(craft + share * gain * prompt_skill * np.maximum(0.0, ceiling - skill))
