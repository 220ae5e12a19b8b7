"""Studies that docs/model.md shows: what levers are expected to do, and whether draws from the priors get stuck.

`docs/results.py` runs the other studies of that page (targets, drift, signs, nulls, …) and fills its tables.
"""
