"""Packaged scenarios: small YAML deltas on the defaults of `sim.settings`, chosen by group."""
