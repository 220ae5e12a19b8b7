"""Start the command line: whoever stops it while it is still being imported reads one line too."""

from __future__ import annotations

import sys

from sim.interrupts import ignore, listening


def main() -> None:
    """Import the commands, and run the one that was asked for."""
    with listening():
        try:
            from app import cli

            cli.main()
        except KeyboardInterrupt:
            ignore()
            print("metavalue: interrupted; nothing was written", file=sys.stderr)
            sys.exit(130)
        finally:
            ignore()


if __name__ == "__main__":
    main()
