"""Outcomes by topic: each reads the model and returns a week's values."""
