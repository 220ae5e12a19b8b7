"""The error of a wrong input: one short line with the key, the value, what was expected and the nearest valid name."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any

LONGEST = 300  # characters of an error's line, including the program's name
ROOM = LONGEST - len("metavalue: ")
COMPARED = 100  # characters; longer names are not compared with known ones
OPTIONS = {
    "path": "--out", "b": "--against", "levers": "--with", "checkpoint_every": "--checkpoint-every",
}  # fmt: skip
WORDS = {"overwrite=True": "--overwrite", "levers='NAME'": "--with NAME"}
NEAR = 0.75  # smallest similarity (difflib's ratio) of a name that is suggested


class InputError(ValueError):
    """A wrong input, explained in one line.

    Parameters
    ----------
    key : what was set (a parameter's path, an option, a file).
    value : what it was set to.
    expected : what would have been right.
    nearest : the closest valid name, or "" where there is none.
    """

    def __init__(self, key: str, value: object, expected: str, nearest: str = "") -> None:
        self.key, self.value, self.expected, self.nearest = key, value, expected, nearest
        shown, name, offered, wanted = _fitted(_written(value), escaped(key), escaped(nearest), escaped(expected))
        hint = f"; did you mean '{offered}'?" if offered else ""
        self.fields = {"key": name, "value": _plain(value, shown), "expected": wanted, "nearest": offered}
        super().__init__(f"{name}: got {shown}, expected {wanted}{hint}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str, str]]:
        """Let workers send errors: pickle rebuilds them from their parts, where by default it passes the line alone."""
        return type(self), (self.key, self.value, self.expected, self.nearest)


class ArgumentError(InputError):
    """A wrong argument of a Python function that is also an option on the command line.

    `key` and `expected` name arguments as Python does (overwrite=True); `as_option` translates them.
    """

    @property
    def as_option(self) -> InputError:
        """The same error in the words of the command line: --out for path, --overwrite for overwrite=True."""
        expected = self.expected
        for word, option in WORDS.items():
            expected = expected.replace(word, option)
        return InputError(OPTIONS[self.key], self.value, expected, self.nearest)


def _fitted(value: str, key: str, nearest: str, expected: str) -> tuple[str, str, str, str]:
    """Shorten the parts of an error until its line has at most `LONGEST` characters; the value is cut first."""
    parts = [value, key, nearest, expected]
    room = ROOM - len(": got , expected " + ("; did you mean ''?" if nearest else ""))
    for i, least in enumerate((60, 60, 40, 40)):
        over = sum(map(len, parts)) - room
        if over > 0:
            parts[i] = shortened(parts[i], max(least, len(parts[i]) - over))
    return parts[0], parts[1], parts[2], parts[3]


def _written(value: object) -> str:
    """Write any value as text on one line; a huge value is described instead."""
    if isinstance(value, int) and value.bit_length() > 1_000:
        return f"a number of some {int(value.bit_length() * 0.30103) + 1:,} digits"
    try:
        return escaped(value if isinstance(value, str) else repr(value))
    except (ValueError, RecursionError):  # of numbers of thousands of digits, or nested thousands of levels deep
        return f"a {type(value).__name__} too large to be shown"


def _plain(value: object, shown: str) -> Any:
    """The value for JSON: unchanged if it is short and can be serialised, otherwise the text `shown`."""
    if isinstance(value, str) or len(shown) > COMPARED:
        return shown
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return shown
    return value


def escaped(text: str) -> str:
    r"""Replace unprintable characters by escapes: a newline becomes \n, the start of a colour code \x1b."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def shortened(text: str, most: int = ROOM) -> str:
    """Cut the middle out of a text longer than `most` characters and insert how long it was."""
    if len(text) <= most:
        return text
    middle = f"…({len(text):,} characters)…"
    kept = max(0, most - len(middle))
    return text[: kept - kept // 3] + middle + text[len(text) - kept // 3 :]


def nearest_name(name: str, names: Iterable[str]) -> str:
    """Return the valid name closest to `name`, ignoring case, or "" if none is close enough.

    A name with the same letters in another order counts as closest.
    """
    if len(name) > COMPARED:
        return ""
    known = {known.casefold(): known for known in reversed(list(names))}
    swapped = [other for other in known if sorted(other) == sorted(name.casefold())]
    matches = swapped or difflib.get_close_matches(name.casefold(), known, n=1, cutoff=NEAR)
    return known[matches[0]] if matches else ""
