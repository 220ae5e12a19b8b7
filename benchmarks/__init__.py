"""How fast the model is, beside C, NumPy and Mesa: `python -m benchmarks`."""

import sim  # noqa: F401  (before NumPy, whose libraries it keeps to one thread)
