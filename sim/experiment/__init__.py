"""Many runs: engines that spread them over processes, and pairs of scenarios."""
