"""What holds for every reader: nothing is left out in silence, and damage is refused in words."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest

from tests.builders import NOW, TODAY
from tests.exchange.foreign import mutations
from tests.exchange.foreign.samples import EXCHANGE
from tracker.domain.errors import BadInput
from tracker.domain.workspace import Workspace
from tracker.exchange import importing
from tracker.exchange.comparing import compare
from tracker.exchange.outcome import report_lines
from tracker.exchange.recognising import recognise
from tracker.exchange.source import How

# The folders of samples whose readers are held to it, with how these are read.
READERS: dict[str, How] = {
    "asana": How(),
    "backlogmd": How(),
    "gan": How(),
    "github": How(),
    "gitlab": How(),
    "ics": How(zone="Europe/Berlin"),
    "jira": How(),
    "msproject-table": How(),
    "mspdi": How(),
    "openproject": How(),
    "planner": How(),
    "smartsheet": How(),
    "taskwarrior": How(zone="Europe/Berlin"),
    "todotxt": How(),
    "trello": How(zone="Europe/Berlin"),
    "xer": How(),
}
# Samples that need more than that to be read.
MORE: dict[str, How] = {}
# What a sample has and a reader has no words of its own for: names the ledger may report.
LEFT: dict[str, set[str]] = {
    "gan": {"project/company", "task/color"},
    "ics": {"ATTENDEE", "CLASS", "VALARM"},
    "mspdi": {"Project/Company"},
}
# Where a name nobody knows says nothing of a task: these parts of a file are not read at all.
UNREAD_PARTS: dict[str, str] = {
    # How the windows looked.
    "gan": r"\w+ in /project/view\b.*",
    # Told once more in `assignees`; a pull request is left out as a whole.
    "github": r"/assignee|/pull_request",
    # Limits and looks of a board, its history, and what is named by its name alone.
    "trello": r"/(limits|prefs|labelNames|actions|members|labels|customFields)\b.*"
    r"|/cards/(labels|customFieldItems|attachments)",
    # Tables told by their names: settings, rates, costs and what else is nothing of a task.
    "xer": r"field of %T\s(\w+TYPE|FINTMPL|OBS|UMEASURE|PROJCOST|\w+RATE|RSRCROLE)",
    # Which hours of a day are worked.
    "mspdi": r"\w+ in /Project/Calendars/.*/(WorkingTimes|TimePeriod)\b.*",
}
# Here a file is one task, and the folder with all of them is read.
BY_FOLDER = ("backlogmd",)
NO_SAMPLES = re.compile(r"SOURCES\.md|.*\.expected\.json|.*\.xsd")
FILES = [
    str(path.relative_to(EXCHANGE))
    for folder in READERS
    for path in sorted((EXCHANGE / folder).glob("**/*.md" if folder in BY_FOLDER else "*"))
    if path.is_file() and not NO_SAMPLES.fullmatch(path.name)
]
SAMPLES = [file for file in FILES if not file.startswith(BY_FOLDER)] + list(BY_FOLDER)
# These have no element that another sample has not.
ALIKE = re.compile(
    r"gan/(baseline-with-milestone|milestone-task|task-crossing-.*"
    r"|task-with-(completion|earliest|priority|web).*)\.gan"
)
UNLIKE = [sample for sample in FILES if not ALIKE.fullmatch(sample)]
DAMAGES = 16


def how(sample: str) -> How:
    return MORE.get(sample, READERS[sample.partition("/")[0]])


def said(data: bytes, folder: Path, sample: str) -> str:
    """Return all that becomes of a file: the tasks of the plan, its arrows, and the report."""
    path = folder / sample
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    reader = sample.partition("/")[0]
    read = folder / reader if reader in BY_FOLDER else path
    taken = importing.read(read, today=TODAY, how=how(sample))
    change, report = taken.plan(Workspace(), NOW)
    ws = Workspace().apply(change)
    found = [*map(repr, ws.entities())]
    remarks = (*report.warnings, *report.approximated)
    found += [f"{each.column} {each.value} {each.why}" for each in remarks]
    found += [str(each.why) for each in report.skipped]
    assert report_lines(report)
    return "\n".join(found)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_is_read_and_nothing_is_left_to_the_ledger(sample: str) -> None:
    path = EXCHANGE / sample
    taken = importing.read(path, today=TODAY, how=how(sample))
    assert taken.source.format
    assert taken.source.tasks or taken.source.entities
    warnings = taken.source.warnings
    left = {each.column for each in warnings if each.why.text == "Not taken; {n} value."}
    assert left <= LEFT.get(sample.partition("/")[0], set())


@pytest.mark.parametrize("sample", UNLIKE)
def test_what_nobody_knows_is_told_or_kept(sample: str, tmp_path: Path) -> None:
    path = EXCHANGE / sample
    unread = re.compile(UNREAD_PARTS.get(sample.partition("/")[0], r"(?!)"))
    silent = []
    for place, data in mutations.novelties(path):
        found = said(data, tmp_path, sample).casefold()
        told = mutations.NAME.casefold() in found or mutations.VALUE in found
        if not told and not unread.fullmatch(place):
            silent.append(place)
    assert silent == []


@pytest.mark.parametrize("sample", UNLIKE)
def test_damage_is_refused_in_words_or_reported(sample: str, tmp_path: Path) -> None:
    path = EXCHANGE / sample
    data = path.read_bytes()
    for seed in range(DAMAGES):
        # Anything else that is raised fails the test.
        with suppress(BadInput):
            said(mutations.damaged(data, seed), tmp_path, sample)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_same_file_again_differs_in_nothing(sample: str) -> None:
    path = EXCHANGE / sample
    first = importing.read(path, today=TODAY, how=how(sample))
    change, _report = first.plan(Workspace(), NOW)
    ws = Workspace().apply(change)
    again = importing.read(path, today=TODAY, how=how(sample), ws=ws).source
    found = recognise(again, ws)
    assert len(found.here) == len(again.tasks)
    assert [row for row in compare(again, ws, found).rows if row.differences] == []
