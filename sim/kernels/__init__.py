"""Numba loops on plain arrays."""
