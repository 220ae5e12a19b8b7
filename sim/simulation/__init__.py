"""One run: step a world through its weeks, keep checkpoints, write and read results."""
