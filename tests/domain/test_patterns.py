"""A pattern that is compiled late does what one that is compiled at once does."""

from __future__ import annotations

import re

import pytest

from tracker.domain.patterns import pattern


def test_it_reads_as_the_same_pattern_compiled() -> None:
    late, now = pattern("A(b+)", re.IGNORECASE), re.compile("A(b+)", re.IGNORECASE)
    for text in ("abb", "xab", "", "AB ab"):
        assert late.findall(text) == now.findall(text)
        assert bool(late.fullmatch(text)) == bool(now.fullmatch(text))
        assert late.sub(r"\1", text) == now.sub(r"\1", text)
    assert late.pattern == "A(b+)"


def test_it_is_compiled_when_it_is_used() -> None:
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.match("")
