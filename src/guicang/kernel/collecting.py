"""Python's collector of cycles, made to look seldom while sets are worked on."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Objects made and not freed before the collector looks at them.
_AFTER = 200_000


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cycles seldom: a set holds 100,000 objects for a second, none of them in a cycle, and walking
    them at the usual pace takes a sixth to a quarter of the whole time."""
    before = gc.get_threshold()
    gc.set_threshold(_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
