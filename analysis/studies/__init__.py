"""Studies that docs/model.md shows; every number of that page comes from one of them.

`python -m analysis.studies targets|drift|replications|regions|levers|signs|nulls` runs one and prints its tables.
`python -m analysis.studies.priors` runs draws from the priors.
"""
