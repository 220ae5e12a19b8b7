"""What novelty brings a work in uses, net of its fit to taste: a curve, by Poisson regression."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.base.tables import F8, I8, Array

SHOWN = (0.05, 0.25, 0.5, 0.75, 0.95)  # quantiles of novelty at which the curve is shown
LEAST_NOVELTY = 1e-3  # so that a copy has a logarithm


class Premium(NamedTuple):
    """How uses depend on novelty, other things equal; all columns have shape (`SHOWN`,)."""

    elasticity: float  # of uses to novelty at the median novelty
    novelty: F8
    effect: F8  # log of expected uses over those of a work of median novelty
    error: F8  # standard error of that


def premium_curve(uses: Array, novelty: Array, controls: Array, cells: Array) -> Premium | None:
    """Estimate the premium on novelty as a curve: quadratic in its logarithm, so that it may rise and fall.

    Parameters
    ----------
    uses, novelty : of each work, shape (n,).
    controls : what else works differ in, fit to taste among them, shape (n, p).
    cells : platform and genre, any labels, shape (n,).

    Returns
    -------
    None where the data do not identify it.
    """
    x = np.log(np.maximum(novelty, LEAST_NOVELTY)).astype(np.float64)
    median = float(np.median(x))
    fit = poisson_fit(uses, np.column_stack([x - median, np.square(x - median), controls]), cells)
    if fit is None:
        return None
    slopes, covariance = fit
    at = np.quantile(x, SHOWN) - median
    basis = np.column_stack([at, np.square(at)])
    error = np.sqrt(np.einsum("ij,jk,ik->i", basis, covariance[:2, :2], basis).clip(0.0))
    return Premium(float(slopes[0]), np.exp(at + median), basis @ slopes[:2], error)


def mean_fit(concepts: Array, tastes: Array, weights: Array, *, strength: float, dot_product: bool) -> F8:
    """Log of the mean over viewers of exp(fit to taste), of each work, shape (n,): how well it fits an audience.

    Parameters
    ----------
    concepts, tastes : of works, shape (n, D), and of viewers, shape (m, D).
    weights : of viewers, by their interest in the works' genre, shape (m,).
    strength : utility lost over half a squared unit of distance.
    dot_product : whether taste is a dot product instead of an ideal point.
    """
    fit = np.asarray(concepts, np.float64) @ np.asarray(tastes, np.float64).T
    if not dot_product:
        fit -= 0.5 * (np.square(concepts).sum(axis=1)[:, None] + np.square(tastes).sum(axis=1)[None, :])
    fit *= strength
    best = fit.max(axis=1, keepdims=True)
    fit -= best
    return np.asarray(np.log(np.exp(fit, out=fit) @ (weights / weights.sum())) + best[:, 0], np.float64)


def poisson_fit(uses: Array, columns: Array, cells: Array) -> tuple[F8, F8] | None:
    """Slopes of log expected uses on some columns, by Poisson regression with an effect for every cell.

    Cell effects are profiled out: within a cell the uses are split in proportion to exp(x b) (Hausman, Hall &
    Griliches 1984), which a Newton step fits by reweighted least squares; cells without uses carry no information
    and fall out. The covariance is robust to overdispersion (sandwich).

    Parameters
    ----------
    uses : counts, shape (n,).
    columns : what is asked for first, then controls, shape (n, p).
    cells : any labels, shape (n,).

    Returns
    -------
    Slopes, shape (p,), and their covariance, shape (p, p); None where the data do not identify the first.
    """
    cell = np.unique(cells, return_inverse=True)[1].astype(np.int64)
    y, x = np.asarray(uses, np.float64), np.asarray(columns, np.float64)
    total: F8 = np.bincount(cell, y).astype(np.float64)
    used = total[cell] > 0.0
    y, x, cell = y[used], x[used], cell[used]
    if len(y) <= x.shape[1] + np.count_nonzero(total):
        return None
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    b = np.zeros(x.shape[1])
    for _ in range(100):
        mu, within = _expected_uses(x, b, cell, total)
        information = within.T @ (mu[:, None] * within)
        information += 1e-9 * np.trace(information) * np.eye(len(b))  # ridge: collinear controls share
        step = np.linalg.lstsq(information, within.T @ (y - mu), rcond=None)[0]
        b = b + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-8:
            break
    else:
        return None
    if information[0, 0] <= 1e-6 * y.sum():
        return None
    bread = np.linalg.pinv(information)
    score = within * (y - mu)[:, None]
    degrees = len(y) / (len(y) - len(b) - np.count_nonzero(total))
    unit = np.where(spread > 0.0, spread, 1.0)
    covariance = degrees * (bread @ (score.T @ score) @ bread)
    return b / unit, np.asarray(covariance / np.outer(unit, unit), np.float64)


def _expected_uses(x: F8, b: F8, cell: I8, total: F8) -> tuple[F8, F8]:
    """Expected uses given each cell's total, and the columns less their weighted mean in the cell."""
    eta = x @ b
    raw = np.exp(eta - eta.max())
    mu = raw * (total / np.maximum(np.bincount(cell, raw, len(total)), np.finfo(float).tiny))[cell]
    mean = np.stack([np.bincount(cell, mu * column, len(total)) for column in x.T], axis=1)
    return mu, x - mean[cell] / total[cell][:, None]
