"""Studies that docs/model.md, docs/variance.md and docs/screening.md show; every number there comes from one of them.

`python -m analysis.studies targets|drift|replications|regions|levers|signs|nulls` runs one and prints its tables, so do
`spreads|sizes|variance|screening`, whose results are kept in `records` too.
`python -m analysis.studies.priors` runs draws from the priors.
"""
