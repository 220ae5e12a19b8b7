"""Outcomes by topic: each reads the world and the week, and returns a week's values."""
