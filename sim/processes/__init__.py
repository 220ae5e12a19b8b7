"""The steps of a week, in the order of `sim.schedule.WEEK`; each calls agents and kernels and settles what follows."""
