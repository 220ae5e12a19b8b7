"""Many runs: comparisons of two scenarios, and sweeps of one over levers and uncertainties.

Comparisons: `arms` composes what is compared, `pairing` runs it on the same seeds, `workplace` keeps the state of an
experiment that may be interrupted, `from_manifest` reads back what ran, and `repeat` runs it once more.

Sweeps: `sweep_file` reads what a user wrote into a `plan` (with `point_table` for a table of points), `sampling` draws
its futures, `sweep_caveats` warns of what does nothing, `registration` enters every run into the `registry`, `runner`
hands runs to `engines`, `shards` hold their outcomes, and `store` keeps all of it; `store_reader` reads it.
"""

from sim.base import source as source  # before all others: it notes which source they are loaded from
