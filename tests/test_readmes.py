"""The English and the Chinese README give the same commands, and what their comments promise."""

import re
from pathlib import Path

from analysis.intervals import MIN_REPLICATIONS

ROOT = Path(__file__).resolve().parents[1]
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")}


def code(text: str) -> list[str]:
    """Lines of code without their comments."""
    lines = "\n".join(re.findall(r"^```\w+\n(.*?)^```", text, re.M | re.S)).splitlines()
    return [re.sub(r"\s+#.*", "", line) for line in lines]


def test_both_readmes_have_the_same_commands() -> None:
    one, other = map(code, TEXTS.values())
    assert one == other and len(one) > 30


def test_both_readmes_lead_to_the_same_pages() -> None:
    one, other = (set(re.findall(r"\((docs/[^)]+)\)", text)) for text in TEXTS.values())
    assert one == other


def test_the_pair_of_which_a_band_is_promised_has_enough_replications() -> None:
    for text in TEXTS.values():
        (count,) = re.findall(r"^pair = .*replications=(\d+)", text, re.M)
        assert int(count) >= MIN_REPLICATIONS
