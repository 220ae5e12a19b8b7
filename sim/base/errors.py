"""What a wrong input raises: one short line with the key, the value, what was expected and the nearest valid name."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any

LONGEST = 300  # characters of an error's line, with the program's name before it
ROOM = LONGEST - len("metavalue: ")
COMPARED = 100  # a longer name is not compared with known ones
OPTIONS = {
    "path": "--out", "b": "--against", "levers": "--with", "checkpoint_every": "--checkpoint-every",
}  # fmt: skip
WORDS = {"overwrite=True": "--overwrite", "levers='NAME'": "--with NAME"}
NEAR = 0.75  # least likeness (difflib's ratio) of a name that is offered


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
        return type(self), (self.key, self.value, self.expected, self.nearest)


class ArgumentError(InputError):
    """A wrong argument of a function of Python, which commands take as an option.

    What is expected names other arguments as Python does, such as overwrite=True.
    """

    @property
    def as_option(self) -> InputError:
        """The same, as the command line has it."""
        expected = self.expected
        for word, option in WORDS.items():
            expected = expected.replace(word, option)
        return InputError(OPTIONS[self.key], self.value, expected, self.nearest)


def _fitted(value: str, key: str, nearest: str, expected: str) -> tuple[str, str, str, str]:
    """Shorten the parts of an error, the value first, until its line is short enough."""
    parts = [value, key, nearest, expected]
    room = ROOM - len(": got , expected " + ("; did you mean ''?" if nearest else ""))
    for i, least in enumerate((60, 60, 40, 40)):
        over = sum(map(len, parts)) - room
        if over > 0:
            parts[i] = shortened(parts[i], max(least, len(parts[i]) - over))
    return parts[0], parts[1], parts[2], parts[3]


def _written(value: object) -> str:
    """Write a value on one line, whatever it is."""
    if isinstance(value, int) and value.bit_length() > 1_000:
        return f"a number of some {int(value.bit_length() * 0.30103) + 1:,} digits"
    try:
        return escaped(value if isinstance(value, str) else repr(value))
    except (ValueError, RecursionError):  # of numbers of thousands of digits, or nested thousands of levels deep
        return f"a {type(value).__name__} too large to be shown"


def _plain(value: object, shown: str) -> Any:
    """A value for JSON: itself where it is short and plain, else as it is shown."""
    if isinstance(value, str) or len(shown) > COMPARED:
        return shown
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return shown
    return value


def escaped(text: str) -> str:
    r"""Write what cannot be printed on one line as an escape: a newline as \n, the start of a colour as \x1b."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def shortened(text: str, most: int = ROOM) -> str:
    """Leave out the middle of a text that is longer than so many characters, and say how long it is."""
    if len(text) <= most:
        return text
    middle = f"…({len(text):,} characters)…"
    kept = max(0, most - len(middle))
    return text[: kept - kept // 3] + middle + text[len(text) - kept // 3 :]


def nearest_name(name: str, names: Iterable[str]) -> str:
    """Return the valid name that `name` was likely meant to be, whatever its case, or "" when none is near."""
    if len(name) > COMPARED:
        return ""
    known = {known.casefold(): known for known in reversed(list(names))}
    swapped = [other for other in known if sorted(other) == sorted(name.casefold())]
    matches = swapped or difflib.get_close_matches(name.casefold(), known, n=1, cutoff=NEAR)
    return known[matches[0]] if matches else ""
