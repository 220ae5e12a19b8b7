"""Start the command line: whoever stops it while it is still being imported reads one line too."""

from __future__ import annotations

import sys

from sim.simulation.interrupts import leave, listen


def main() -> None:
    """Import the commands, and run the one that was asked for; an interrupt before that is one line too."""
    try:
        listen()  # to the end: whoever stops a process that is ending already shall not change its exit code
        try:
            from app import cli

            cli.main()
        finally:
            leave()
    except KeyboardInterrupt:
        print("metavalue: interrupted; nothing was written", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
