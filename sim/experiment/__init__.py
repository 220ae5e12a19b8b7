"""Many runs: pairs of scenarios, designs of sweeps, engines that spread runs over processes, and their stores."""
