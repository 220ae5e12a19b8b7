"""Functions whose sensitivity is known, and the designs to ask for it."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Ishigami & Homma 1990 with a = 7, b = 0.1: indices by Sobol' & Levitan 1999
ISHIGAMI_FIRST = (0.3139, 0.4424, 0.0)
ISHIGAMI_TOTAL = (0.5576, 0.4424, 0.2437)
G_A = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])  # Saltelli & Sobol' 1995
_PARTS = 1 / (3 * (1 + G_A) ** 2)
_WHOLE = np.prod(1 + _PARTS) - 1
G_FIRST = _PARTS / _WHOLE
G_TOTAL = _PARTS * (np.prod(1 + _PARTS) / (1 + _PARTS)) / _WHOLE


def ishigami(places: Floats) -> Floats:
    """Of places in [0, 1], shape (points, 3)."""
    x = np.pi * (2 * places - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(places: Floats) -> Floats:
    """Of places in [0, 1], shape (points, 8)."""
    return np.prod((np.abs(4 * places - 2) + G_A) / (1 + G_A), axis=1)


def sobol_places(samples: int, factors: int, seed: int = 1) -> Floats:
    """A Sobol design in SALib's order: A, A with each factor of B, B."""
    from scipy.stats import qmc

    base = qmc.Sobol(2 * factors, rng=seed).random(samples)
    a, b = base[:, :factors], base[:, factors:]
    rows = [a]
    for j in range(factors):
        mixed = a.copy()
        mixed[:, j] = b[:, j]
        rows.append(mixed)
    return np.stack([*rows, b], axis=1).reshape(-1, factors)


def morris_places(trajectories: int, factors: int, levels: int, seed: int = 1) -> Floats:
    """Trajectories on a grid of levels, each factor moved once by levels / 2(levels - 1), in random order."""
    rng, step = np.random.default_rng(seed), levels / (2 * (levels - 1))
    rows = []
    for _ in range(trajectories):
        point = rng.integers(levels // 2, size=factors) / (levels - 1)
        up = rng.random(factors) < 0.5
        point = np.where(up, point, point + step)
        rows.append(point)
        for j in rng.permutation(factors):
            point = point.copy()
            point[j] += step if up[j] else -step
            rows.append(point)
    return np.array(rows)
