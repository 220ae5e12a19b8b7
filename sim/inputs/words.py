"""Names in data files: one normal form for texts that look alike, and what columns may be called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from sim.base.errors import InputError, nearest_name
from sim.inputs.bounds import MAX_CHARACTERS

FOLLOWER_COLUMNS = {
    "follower": ("关注者", "粉丝", "關注者", "粉絲"),
    "followed": ("被关注者", "关注对象", "被關注者", "關注對象"),
}
POPULATION_COLUMNS = {
    "age_group": ("年龄组", "年龄段", "年齡組", "年齡段"),
    "minutes": ("每周分钟", "每周分钟数", "分钟", "分钟数", "每週分鐘", "每週分鐘數", "分鐘", "分鐘數"),
    "platforms": ("平台", "使用平台"),
    "id": ("编号", "用户", "用户编号", "編號", "用戶", "用戶編號"),
}
OPTIONAL_COLUMN = "id"

_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*").fullmatch
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")


class BadTextError(ValueError):
    """A text that cannot be a name. It does not know its place in the file, which the caller adds by `at`."""

    def __init__(self, text: str, found: str, expected: str) -> None:
        self.text, self.found, self.expected = text, found, expected
        super().__init__(found)

    def at(self, place: str) -> InputError:
        """The same error as an InputError with its place in the file."""
        return InputError(place, self.found, self.expected)


def clean(text: str) -> str:
    """Return the normal form of a text, which is equal for texts that look alike.

    Characters of no width are dropped, runs of white space become one space (none at the ends), and accents are
    composed (Unicode NFC).

    Raises
    ------
    BadTextError : the text is too long, or holds control characters or half a character.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadTextError(text, f"{len(text):,} characters", f"at most {MAX_CHARACTERS:,} characters")
    if _PLAIN(text):
        return text
    text = " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())
    if unfit := _UNFIT.search(text):
        raise BadTextError(text, f"the character U+{ord(unfit[0]):04X}", "text without control characters")
    return text


def column_order(place: str, found: Sequence[str], columns: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the position of each known column in a header; InputError if one is unknown, repeated or missing.

    `found` are the header's names, `columns` the aliases of each known column; `id` is optional.
    """
    required = [name for name in columns if name != OPTIONAL_COLUMN]
    expected = f"a header of the columns {','.join(required)}{' and perhaps id' if OPTIONAL_COLUMN in columns else ''}"
    if not all(map(str.isascii, found)):
        expected += f" (or {', '.join(aliases[0] for aliases in columns.values())})"
    known = _aliases(columns)
    order: dict[str, int] = {}
    for k, text in enumerate(found):
        try:
            shown = clean(text)
        except BadTextError as error:
            raise error.at(f"{place}, column {k + 1}") from None
        name = known.get(_header_key(shown), "")
        if not name:
            nearest = nearest_name(shown, known) or _longer_name(shown, columns)
            raise InputError(f"{place}, column {k + 1}", shown or "nothing", expected, nearest)
        if name in order:
            raise InputError(f"{place}, column {k + 1}", f"{shown} a second time", expected)
        order[name] = k
    for name in required:
        if name not in order:
            raise InputError(f"{place}, column {name!r}", "no such column", expected)
    return {name: order[name] for name in columns if name in order}


def count_known(found: Sequence[str], columns: Mapping[str, tuple[str, ...]]) -> int:
    """Return how many of the texts are a known column's name."""
    known = _aliases(columns)
    return sum(_header_key(text) in known for text in found)


def _aliases(columns: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the column for every name and alias."""
    return {alias: name for name, aliases in columns.items() for alias in (name, *aliases)}


def _longer_name(text: str, names: Iterable[str]) -> str:
    """Return the first name that contains the text (of three letters or more), or ""."""
    key = _header_key(text)
    return next((name for name in names if len(key) > 2 and key in name), "")


def _header_key(text: str) -> str:
    """Return a column's name in lower case, with underscores for spaces and hyphens."""
    return "_".join(part for part in re.split(r"[\s_-]+", _INVISIBLE.sub("", text).casefold()) if part)
