"""What data files may hold at most, so that a wrong or hostile file is refused before it fills memory or time."""

from __future__ import annotations

from dataclasses import fields

from sim.settings import WorldSize

_CONSUMERS = next(item for item in fields(WorldSize) if item.name == "consumers").metadata["info"]

MIN_PEOPLE, MAX_PEOPLE = int(_CONSUMERS.low), int(_CONSUMERS.high)
MAX_FOLLOWS = 200_000_000  # counted as they stand in the data; an undirected edge is two
MAX_EMPTY_ROWS = 1_000_000
MAX_AGE_GROUPS = 1_000
MAX_CHARACTERS = 1_000  # of a cell, a user's name or an attribute that is read
MAX_FILE_BYTES = 4 * 2**30
MAX_UTF16_BYTES = 2**28  # Excel's sheets end far below
MAX_LINE_BYTES = 2**20
MAX_TAG_BYTES = 2**20  # of one piece of GraphML: a tag with its attributes, a comment
MAX_TAG_NAMES = 1_000  # different ones in GraphML, of tags and of attributes; and how deep tags may stand in others
MAX_GROUP_BYTES = 2**28  # of a row group of Parquet, when unpacked
