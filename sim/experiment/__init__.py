"""Many runs: pairs of scenarios, designs of sweeps, engines that spread runs over processes, and their stores."""

from sim.base import source as source  # before all others: it notes which source they are loaded from
