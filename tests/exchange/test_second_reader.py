"""LibreOffice reads the lists that go out: the same cells, days as days, and no formula."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Mapping

import pytest

from tests.builders import TODAY, plan
from tests.exchange.plans import handed_out
from tests.needs import program
from tracker.domain.model import Department
from tracker.domain.workspace import Workspace

Shown = dict[str, str]
# Separator, quotation mark, UTF-8, first row, no widths, language (1031 is German), texts quoted.
CSV = "Text - txt - csv (StarCalc)"
SHOWN = "44,34,76,1,,0,true,true,false"
FILES = {
    "plan.xlsx": ("", ""),
    "plan-en.csv": ("excel-en", "44,34,76,1,,1033,false,true"),
    "plan-de.csv": ("excel-de", "59,34,76,1,,1031,false,true"),
}
TITLES = ('=cmd|" /C calc"!A0', "Größe & <Maß>", "-5", "_x0041_", 'Zeile; mit, "allem"')


@pytest.fixture(scope="module")
def ws() -> Workspace:
    netz = Department(id=1, name="Netz; Betrieb")
    return plan("1-2 2-3", returns="3-1", tasks=5, titles=TITLES, extra=(netz,), department=1,
                due=TODAY, low=1.5, likely=4.0, high=9.0, notes="Eins\nZwei")  # fmt: skip


@pytest.fixture(scope="module")
def seen(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Shown]]:
    """The rows LibreOffice sees in each file, with what it shows in the cells."""
    folder = tmp_path_factory.mktemp("second")
    found = {}
    for name, (dialect, reading) in FILES.items():
        (folder / name).write_bytes(handed_out(ws, name, "de", dialect))
        out = folder / f"read-{name}"
        words = [
            *(program("soffice"), "--headless", "--norestore"),
            f"-env:UserInstallation=file://{folder}/profile",
            *([f"--infilter={CSV}:{reading}"] if reading else []),
            *("--convert-to", f"csv:{CSV}:{SHOWN}", "--outdir", str(out), str(folder / name)),
        ]
        subprocess.run(words, check=True, capture_output=True, timeout=110)
        (made,) = out.glob("*.csv")
        found[name] = list(csv.DictReader(io.StringIO(made.read_text("utf-8"), newline="")))
    return found


@pytest.mark.parametrize("name", FILES)
def test_another_program_reads_what_is_written(
    ws: Workspace, seen: Mapping[str, list[Shown]], name: str
) -> None:
    rows = seen[name]
    assert [int(row["Nr."]) for row in rows] == list(ws.tasks)
    assert [row["Vorgang"] for row in rows] == [
        f"'{title}" if title[0] in "=-" else title for title in TITLES
    ]
    assert {row["Abteilung"] for row in rows} == {"Netz; Betrieb"}
    assert {row["Bemerkung"] for row in rows} == {"Eins\nZwei"}
    assert {row["Dauer min"] for row in rows} == {"1.5"}


def test_days_and_numbers_of_a_workbook_are_such(seen: Mapping[str, list[Shown]]) -> None:
    # As the machine's region writes days, but as a day.
    (day,) = {row["Fällig am"] for row in seen["plan.xlsx"]}
    assert day in (f"{TODAY:%d.%m.%Y}", f"{TODAY:%m/%d/%Y}")
    assert {row["Dauer min"] for row in seen["plan.xlsx"]} == {"1.5"}
