"""Asking for help loads nothing heavy, so that it answers at once."""

import subprocess
import sys

import pytest

HEAVY = ("mesa", "numba", "numpy", "pandas", "pyarrow", "scipy", "networkx", "plotly", "hydra", "omegaconf")
SCRIPT = f"""
import sys
from app.cli import main
sys.argv = ["metavalue", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
loaded = [name for name in {HEAVY!r} if name in sys.modules]
sys.exit("help loads " + ", ".join(loaded) if loaded else 0)
"""


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"]], ids=" ".join)
def test_help_is_light(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "metavalue" in done.stdout.lower()
