"""Tables of issue trackers: known by their heads alone, and nothing in them is lost."""

from __future__ import annotations

import csv
import json
import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import DATA
from tests.builders import TODAY
from tests.exchange.foreign.samples import EXCHANGE, csv_of, says, told
from tests.exchange.lists import taken, taken_file
from tracker.domain.errors import BadInput
from tracker.domain.typing.vocabulary import meaning_key
from tracker.exchange import importing
from tracker.exchange.dialects import DIALECTS

SAMPLES = {
    "jira/cloud-de.csv": "jira",
    "jira/cloud-en-2025.csv": "jira",
    "asana/project-en.csv": "asana",
    "gitlab/issues-2019.csv": "gitlab",
    "openproject/de.csv": "openproject",
}
LISTS = sorted(
    path
    for path in (*(DATA / "lists").iterdir(), DATA / "umzug-erp.csv", DATA / "umzug-erp.xlsx")
    if path.suffix in (".csv", ".xlsx")
)


def rows_of(path: Path) -> list[list[str]]:
    """Return the rows of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


# --- what it is --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "program"), SAMPLES.items())
def test_a_table_is_known_by_its_heads(name: str, program: str, tmp_path: Path) -> None:
    data = (EXCHANGE / name).read_bytes()
    got = taken(data, tmp_path, name="tickets.csv")
    assert (got.report.format, bool(got.report.program)) == (program, True)
    rows = rows_of(EXCHANGE / name)
    # Neither the order of columns nor the mark between them matters.
    turned = csv_of(rows[0][::-1], *[row[::-1] for row in rows[1:]], mark=";")
    assert taken(turned, tmp_path).report.format == program


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_a_list_of_anybodys_is_taken_for_none_of_them(path: Path) -> None:
    with suppress(BadInput):
        assert importing.read(path, today=TODAY).source.format == ""


@pytest.mark.parametrize(
    "heads",
    [
        "Nr.,Thema,Typ,Status,Priorität,Verantwortlich,Anfangstermin,Endtermin,% abgeschlossen",
        "ID,Subject,Type,Status,Assignee,Start date,Finish date,% Complete",
        "Key,Summary,Status,Priority,Assignee,Reporter,Created,Due date,Labels,Sprint",
        "Issue,Summary,Status,Resolution,Time Spent,Original estimate",
        "Task ID,Name,Completed At,Assignee,Start Date,Due Date,Tags,Notes,Projects,Parent task",
        "Issue ID,Title,State,Description,Assignee,Due Date,Milestone,Labels,Time Estimate",
        "Issue key,Summary,Status,Time Spent,Original estimate",
    ],
)
def test_heads_that_anybody_could_write_are_not_enough(heads: str, tmp_path: Path) -> None:
    row = ["x" for _ in heads.split(",")]
    assert taken(csv_of(heads.split(","), row), tmp_path).report.format == ""


def test_a_head_counts_once_and_belongs_to_one_column() -> None:
    for dialect in DIALECTS:
        several = [{meaning_key(head) for head in spellings} for _, spellings in dialect.heads]
        assert sum(map(len, several)) == len(set().union(*several))
        assert dialect.least <= sum(weight for weight, _ in dialect.heads)


# --- nothing silent ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_every_column_with_a_value_is_taken_or_told(name: str) -> None:
    rows = rows_of(EXCHANGE / name)
    got = taken_file(EXCHANGE / name)
    read = {column.head for column in got.report.columns}
    left = " ".join(line for line in told(got) if "Not taken, since" in line)
    for at, head in enumerate(rows[0]):
        if any(row[at] for row in rows[1:]):
            assert head in read or head in left, head


@pytest.mark.parametrize("name", SAMPLES)
def test_a_column_nobody_knows_is_in_the_notes_and_told(name: str, tmp_path: Path) -> None:
    rows = rows_of(EXCHANGE / name)
    got = taken(csv_of([*rows[0], "Zzyzx"], *[[*row, "qwertz"] for row in rows[1:]]), tmp_path)
    assert all("Zzyzx: qwertz" in task.notes for task in got.tasks)
    assert says(got, "Zzyzx", "unknown")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_column_may_be_given_a_meaning(name: str, tmp_path: Path) -> None:
    rows = rows_of(EXCHANGE / name)
    path = tmp_path / "list.csv"
    path.write_text(csv_of([*rows[0], "Zzyzx"], *[[*row, "Netz"] for row in rows[1:]]))
    source = importing.read(path, today=TODAY, columns={"Zzyzx": "department"}).source
    assert {task.fields["department"] for task in source.tasks} == {"Netz"}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_value_of_a_sample_leaves_a_trace(name: str, tmp_path: Path) -> None:
    """A word put into any cell is then in the plan or in the report, or its column is told."""
    rows = rows_of(EXCHANGE / name)[:8]
    choice = random.Random(name)
    lost: list[str] = []
    for at, head in enumerate(rows[0]):
        number = choice.randrange(1, len(rows))
        changed = [list(row) for row in rows]
        changed[number][at] = "Xylophon"
        got = taken(csv_of(changed[0], *changed[1:]), tmp_path)
        plan = json.dumps([repr(entity) for entity in got.change.edits])
        report = " ".join((*told(got), *(why for _, why in got.skipped)))
        left = " ".join(line for line in told(got) if "Not taken, since" in line)
        if "Xylophon" not in plan + report and head not in left:
            lost.append(head)
    # Whoever has a login has one name.
    assert lost == (["Author"] if "gitlab" in name else [])


# --- what may stand in them --------------------------------------------------------------------


_cells = st.text(max_size=12) | st.sampled_from(
    [
        *("", "UMZ-3", "UMZ-1", "101", "-1", "1e999", "99999999999999999999", "0", "Fertig", "NaN"),
        *(
            "9" * 400,
            "31/Feb./26",
            "\x1b[31mred",
            'a,b;c\n"d',
            "=cmd()",
            "#REF!",
            "12/Dez./26 3:00 PM",
        ),
    ]
)


@settings(max_examples=25)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_no_content_breaks_a_reader(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    rows = rows_of(EXCHANGE / name)
    for _ in range(data.draw(st.integers(1, 8))):
        row = data.draw(st.integers(1, len(rows) - 1))
        at = data.draw(st.integers(0, len(rows[0]) - 1))
        rows[row][at] = data.draw(_cells)
    cut = data.draw(st.integers(1, len(rows[0])))
    rows = [[*row[:cut]] if n % 3 == 2 else row for n, row in enumerate(rows)]
    text = csv_of(rows[0], *rows[1:])
    with suppress(BadInput):
        got = taken(text.encode("utf-8", "surrogatepass"), tmp_path_factory.getbasetemp())
        shown = " ".join((*told(got), *(task.title for task in got.tasks)))
        assert "\x1b" not in shown
