"""What data files may hold at most, so that a wrong or hostile file is refused before it fills memory or time."""

from __future__ import annotations

from dataclasses import fields

from sim.settings import WorldSize

_CONSUMERS = next(item for item in fields(WorldSize) if item.name == "consumers").metadata["info"]

LEAST_PEOPLE, MOST_PEOPLE = int(_CONSUMERS.low), int(_CONSUMERS.high)
MOST_FOLLOWS = 200_000_000  # counted as they stand in the data; an undirected edge is two
MOST_EMPTY_ROWS = 1_000_000
MOST_AGE_GROUPS = 1_000
MOST_CHARACTERS = 1_000  # of a cell, a user's name or an attribute that is read
MOST_FILE_BYTES = 4 * 2**30
MOST_UTF16_BYTES = 2**28  # Excel's sheets end far below
MOST_LINE_BYTES = 2**20
MOST_TAG_BYTES = 2**20  # of one piece of GraphML: a tag with its attributes, a comment
MOST_TAG_NAMES = 1_000  # different ones in GraphML, of tags and of attributes; and how deep tags may stand in others
MOST_GROUP_BYTES = 2**28  # of a row group of Parquet, when unpacked
