"""What all tests share: Hypothesis tries the same examples every time, without deadlines (a first example compiles)."""

import pytest
from hypothesis import settings

settings.register_profile("metavalue", deadline=None, derandomize=True, database=None)
settings.load_profile("metavalue")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs of sweeps that take no time; gives the ids of those that are asked for."""
    from tests.stores import quicken

    return quicken(monkeypatch)
