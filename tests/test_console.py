"""What a person sees while work goes on."""

import io

import pytest
from rich.console import Console

from app import console


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds, which a test sets."""
    now = [100.0]
    monkeypatch.setattr(console, "monotonic", lambda: now[0])
    return now


def test_a_bar_tells_no_rate_before_it_knows_one(clock: list[float]) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=100)
    with console._bar(terminal, "weeks") as advance:
        advance(90, 300)  # those of a run that is gone on with
        clock[0] += 0.01
        advance(91, 300)
        assert "preparing …" in screen.getvalue() and "left" not in screen.getvalue()
        clock[0] += 1.99
        advance(110, 300)
    assert "110 of 300 weeks, 10 per second, 19 s left" in screen.getvalue()


def test_lines_tell_only_tenths_that_are_new(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    advance = console._lines("runs")
    for done in (18, 18):
        advance(done, 18)
    assert capsys.readouterr().err == ""
    advance = console._lines("runs")
    for done in (50, 51, 60, 61, 100):
        advance(done, 100, ", 1 failed")
        clock[0] += 2.0
    assert capsys.readouterr().err.splitlines() == [
        "60 of 100 runs, 2.5 per second, 16 s left, 1 failed",
        "100 of 100 runs, 6.2 per second, 1 failed",
    ]
