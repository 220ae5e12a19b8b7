"""Concepts, canons, corpora and novelty."""
