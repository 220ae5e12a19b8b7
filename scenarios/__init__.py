"""Packaged scenarios: small YAML deltas on the defaults of `sim.parameters`, chosen by group."""
