"""What the README says can be typed is understood, and says what it says there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.builders import TODAY
from tests.readme import README
from tracker.domain.typing.filters import And, Text
from tracker.domain.typing.line_parser import parse_filter, parse_line


def _typed(head: str) -> Iterator[str]:
    """Walk over what stands as code in the first and last column of the table under `head`."""
    text = README.read_text("utf-8")
    rows = text.partition(f"| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    for row in rows:
        cells = row.strip("|").split("|")
        for cell in (cells[0], cells[-1]):
            yield from re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("text", list(_typed("typed")))
def test_what_may_be_typed_of_a_task_is_understood(text: str) -> None:
    line = parse_line(f"Test {text}", TODAY, me="anna")
    assert not line.problems
    assert line.fields["title"] == "Test"
    assert len(line.fields) > 1


@pytest.mark.parametrize("text", list(_typed("filter")))
def test_filters_are_understood(text: str) -> None:
    found = parse_filter(text, TODAY, me="anna").where
    assert not isinstance(found, And) or text.count(" ")
    assert isinstance(found, Text) == text.startswith('"')


def test_there_are_tables_to_be_read() -> None:
    assert len(list(_typed("typed"))) > 25
    assert len(list(_typed("filter"))) > 25
