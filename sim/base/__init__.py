"""What everything stands on: tables, codes, randomness, files, errors. It imports nothing of the model."""
