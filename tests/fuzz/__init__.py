"""Wrong inputs and flipped bits by the thousand: no traceback, no wrong exit code, no number that differs silently."""
