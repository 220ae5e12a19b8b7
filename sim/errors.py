"""What a wrong input raises: one line that names the key, the value, what was expected and the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


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
        hint = f"; did you mean {nearest!r}?" if nearest else ""
        shown = value if isinstance(value, str) else repr(value)
        super().__init__(f"{key}: got {shown!s}, expected {expected}{hint}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str, str]]:
        return type(self), (self.key, self.value, self.expected, self.nearest)


def nearest_name(name: str, names: Iterable[str]) -> str:
    """Return the valid name closest to `name`, or "" when none is close."""
    matches = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return matches[0] if matches else ""
