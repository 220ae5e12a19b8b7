"""Reading a user's small text files: regular files of a bounded size in UTF-8; others raise a clear error."""

from __future__ import annotations

import stat
from pathlib import Path

from sim.base.errors import InputError

UTF16 = (b"\xff\xfe", b"\xfe\xff")  # byte order marks at the start of a file


def read_text(path: Path, most: int, expected: str, encoding: str = "a text file in UTF-8") -> str:
    """Return the text of a file, without a byte order mark.

    Parameters
    ----------
    most : largest size accepted, in bytes.
    expected, encoding : what the error says would have been right.

    Raises
    ------
    InputError : there is no such file, it cannot be read, is too large or is not UTF-8 (the line and byte are named).
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(str(path), "a directory" if stat.S_ISDIR(status.st_mode) else "no regular file", expected)
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(str(path), "no such file", expected) from None
    except (OSError, ValueError) as error:  # ValueError: the name contains a null character
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(str(path), f"nothing that can be read ({reason})", expected) from None
    if len(content) > most:
        raise InputError(str(path), f"more than {most:,} bytes", expected)
    if content.startswith(UTF16):
        raise InputError(str(path), "UTF-16", encoding)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}", f"byte 0x{content[error.start]:02x}", encoding) from None
