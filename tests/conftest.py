"""What all tests share: Hypothesis tries the same examples every time, without deadlines (a first example compiles)."""

from hypothesis import settings

settings.register_profile("metavalue", deadline=None, derandomize=True, database=None)
settings.load_profile("metavalue")
