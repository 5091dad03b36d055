"""The matrix in words, however many departments there are."""

from __future__ import annotations

import pytest

from tests.builders import TODAY
from tracker.domain.model import Department, Link, Task
from tracker.domain.workspace import Workspace
from tracker.wording import show
from tracker.wording.matrix_words import DepartmentSheet


def test_only_what_departments_exchange_is_put_into_words(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 200
    ws = Workspace(
        [
            *(Department(id=n, name=f"D{n}", order=n) for n in range(1, count + 1)),
            *(Task(id=n, title="T", department=n, state="done") for n in range(1, count + 1)),
            *(Link(id=n, kind="needs", source=n, target=n + 1) for n in range(1, count)),
            Link(id=count, kind="returns", source=count, target=1),
        ]
    )
    asked: list[tuple[int, int]] = []
    real = DepartmentSheet.cell

    def cell(sheet: DepartmentSheet, row: int, column: int) -> show.Piece:
        asked.append((row, column))
        return real(sheet, row, column)

    monkeypatch.setattr(DepartmentSheet, "cell", cell)
    sheet = DepartmentSheet(ws, ws.tasks, TODAY, show.UNICODE)
    assert sheet.size == count
    assert len(asked) <= count
    widest = max(len(real(sheet, row, column)[0]) for row in range(9) for column in range(9))
    assert sheet.width > widest
