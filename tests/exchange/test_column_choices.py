"""What somebody says that columns mean: read so, proposed from the values, and remembered."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOW, TODAY
from tests.exchange.lists import taken, workbook
from tracker.domain.errors import BadInput
from tracker.domain.model import Task
from tracker.domain.workspace import Workspace
from tracker.exchange import column_choices, importing
from tracker.exchange.document import workspace_json

LIST = "Nr;Vorgang;Termin Fachbereich;Farbe\n1;x;2026-12-01;gelb\n2;y;5.12.2026;rot\n"


def read(folder: Path, text: str | bytes = LIST, name: str = "plan.csv", **options: Any) -> Any:
    """Return the tasks and the report of a list."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    brought = importing.read(path, today=TODAY, **options)
    change, report = brought.plan(Workspace(), NOW)
    return change.born(Task), report


def test_an_unknown_column_is_proposed_by_its_values(tmp_path: Path) -> None:
    told = {w[1]: w[3] for w in taken(LIST, tmp_path).warnings}
    assert told["Termin Fachbereich"].endswith('If it is Due, use --map "Termin Fachbereich=due".')
    assert told["Farbe"] == "This column is unknown; its content is in the notes."


def test_a_column_means_what_is_said_also_in_a_workbook(tmp_path: Path) -> None:
    columns = column_choices.parse(["termin fachbereich=fällig", "Farbe=-"])
    assert columns == {"termin fachbereich": "due", "Farbe": ""}
    book = workbook(("Nr", "Vorgang", "Termin Fachbereich", "Farbe"), (1, "x", date(2026, 12, 1)))
    for text, name in ((LIST, "plan.csv"), (book, "plan.xlsx")):
        tasks, report = read(tmp_path, text, name, columns=columns)
        assert tasks[0].due == date(2026, 12, 1)
        assert report.columns[2].field == "due"


def test_what_is_said_goes_before_what_a_head_says(tmp_path: Path) -> None:
    text = "Vorgang;Kurztext;Fällig;Termin FB\nlang;kurz;2026-12-01;2026-12-24\n"
    columns = {"Kurztext": "title", "Termin FB": "due"}
    (task,), report = read(tmp_path, text, columns=columns)
    assert (task.title, task.due) == ("kurz", date(2026, 12, 24))
    assert [c.field for c in report.columns] == [None, "title", None, "due"]
    assert "Vorgang: lang" in task.notes


@pytest.mark.parametrize("text", ["Termin", "=due", "Termin=Unfug", "Termin=passes"])
def test_what_is_no_choice_is_named_with_the_fields(text: str) -> None:
    with pytest.raises(BadInput, match=r"is not a column and a field.*due"):
        column_choices.parse([text])


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"plan\.csv has no column Termin; its columns are Nr, "):
        read(tmp_path, columns={"Termin": "due"})


def test_a_column_without_a_head_is_called_by_its_letter(tmp_path: Path) -> None:
    text = "Nr;Vorgang;\n1;x;2026-12-01\n2;y;5.12.2026\n"
    told = {w[1]: w[3] for w in taken(text, tmp_path).warnings}
    assert told["C"].endswith('If it is Due, use --map "C=due".')
    tasks, report = read(tmp_path, text, columns={"C": "due"})
    assert [task.due for task in tasks] == [date(2026, 12, 1), date(2026, 12, 5)]
    assert [c.field for c in report.columns] == ["id", "title", "due"]
    with pytest.raises(BadInput, match=r"has no column D; its columns are Nr, Vorgang, C"):
        read(tmp_path, text, columns={"D": "due"})


def test_the_fields_of_a_json_list_mean_what_is_said(tmp_path: Path) -> None:
    text = '[{"wort": "x", "Termin FB": "1.12.2026"}]'
    columns = {"wort": "title", "termin fb": "due"}
    (task,), report = read(tmp_path, text, "plan.json", columns=columns)
    assert (task.title, task.due) == ("x", date(2026, 12, 1))
    assert [(c.head, c.field) for c in report.columns] == [("wort", "title"), ("Termin FB", "due")]
    with pytest.raises(BadInput, match=r"has no column Tremin; its columns are wort, Termin FB"):
        read(tmp_path, text, "plan.json", columns={"wort": "title", "Tremin": "due"})


def test_a_choice_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    text = "A;B\nx;y\n"
    with pytest.raises(BadInput, match=r"B of plan\.csv cannot be read as Title; only one"):
        read(tmp_path, text, columns={"A": "title", "B": "title"})
    whole = workspace_json(Workspace((Task(id=1, title="x"),)), TODAY)
    with pytest.raises(BadInput, match=r"due of plan\.json cannot be read as Follow-up"):
        read(tmp_path, whole, "plan.json", columns={"due": "follow_up"})
    # What was chosen for another file of that name does no harm.
    (task,), _report = read(tmp_path, whole, "plan.json", before={"due": "follow_up"})
    assert task.title == "x"


def test_choices_are_kept_for_a_file_of_that_name_and_told(tmp_path: Path) -> None:
    folder = str(tmp_path / "state")
    assert column_choices.remembered(folder, "Plan.csv") == {}
    column_choices.remember(folder, "Plan.csv", {"Termin Fachbereich": "due"})
    column_choices.remember(folder, "Plan.csv", {"Farbe": ""})
    column_choices.remember(folder, "other.csv", {"X": "title"})
    before = column_choices.remembered(folder, "plan.CSV")
    assert before == {"Termin Fachbereich": "due", "Farbe": ""}
    tasks, report = read(tmp_path, before=before | {"Weg": "due"})
    assert tasks[0].due == date(2026, 12, 1)
    told = [(w.column, str(w.why)) for w in report.warnings if w.row == 0 and w.column]
    assert told == [("Termin Fachbereich", "Read as Due, as chosen before.")]


def test_a_memory_that_is_damaged_is_none(tmp_path: Path) -> None:
    (tmp_path / "columns.json").write_text("{")
    assert column_choices.remembered(str(tmp_path), "plan.csv") == {}
