"""The most memory that a process has held."""

from __future__ import annotations

from pathlib import Path


def peak_bytes(process: int | str = "self") -> int:
    """Most memory that a running process has held since its program began, in bytes; 0 once it has ended.

    `ru_maxrss` would not do: Linux hands the peak of the process that started a program on to the program.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
