"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import re
from typing import Any, cast


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression; a call of the shell uses few of those it loads."""
    return cast("re.Pattern[str]", _Pattern(text, flags))


class _Pattern:
    """Stands for a pattern until a method of it is asked for, and then hands that out."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text, self._flags), name)
        # From now on nobody asks here.
        setattr(self, name, found)
        return found
