"""Every page of the shell as text, in English and German, as a terminal of 100 columns shows it."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import DATA, golden
from tests.builders import TODAY
from tracker import demo, language
from tracker.cli import CALLS, main
from tracker.session import Session

GOLDEN = Path(__file__).parent / "golden"
LIST = DATA / "umzug-erp.csv"
# What is asked for each page, on the demo.
PAGES = {
    "today": ("today", "--since", "2026-11-01"),
    "follow_ups": ("follow-ups",),
    "hand_overs": ("hand-overs",),
    "systems": ("system",),
    "list": ("list", "state:open"),
    "show": ("show", "16"),
    "timeline": ("timeline", "--forecast"),
    "timeline_ascii": (
        *("timeline", "--by", "nothing", "--sort", "start", "--ascii", "--width", "80"),
        *("--baseline", "Plan 2"),
    ),
    "schedule": ("schedule",),
    "forecast": ("forecast", "--runs", "500", "--at", "40"),
    "loops": ("loops",),
    "matrix": ("matrix",),
    "metrics": ("metrics",),
    "departments": ("matrix", "--departments"),
    "load": ("load", "--weeks", "5"),
    "controlling": ("controlling", "--forecast"),
    "log": ("log", "--since", "2026-11-20"),
    "baseline": ("baseline",),
    "drift": ("baseline", "diff", "Plan 1"),
    "replan": ("replan", "--dry-run", "--unkept"),
    "back": ("back", "20", "--to", "16", "--preview"),
    "import": ("import", str(LIST), "--dry-run"),
    "check": ("check",),
    "nothing": ("list", "dept:nobody"),
}
# One after the other on a plan that begins empty: what is said of each change.
CHANGES = """
init
add Concept @Netz !high due:fr ~1/2/5 who:k.brandt
add Build after:1 ~4 sys:erp-db
add Test @Nets
add Test @Nets after:2 back:1:30%:50%:1 --new
list
start 1,2
done 1,2
done 1
edit 1,2 prio=high due=+3d
edit 1 prio=high
edit 1 prio=urgently
wait 3 --for #2 --until +2d
back 3 --to 1 --why no
back 3 --to 1 --why again --system erp-db
confirm 2
link 3 2
link 3 2 --return --rate 20%
system erp-db down --why patches
drop 2
reopen 2
delete 2
undo
redo
undo --who nobody
forecats
""".strip().splitlines()


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Reader:
    """Calls the program and keeps what a person reads, as one text."""

    def __init__(self, file: Path, spoken: str) -> None:
        self._before = ("--file", str(file), "--today", TODAY.isoformat(), "--lang", spoken)
        self._file = file

    def __call__(self, *words: str) -> str:
        """Return the call, what it prints, and apart from that what it notes."""
        out, err = _Terminal(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([*self._before, *words])
        called = " ".join(words).replace(str(LIST), LIST.name)
        told = f"$ tracker {called}\n{out.getvalue()}"
        if err.getvalue():
            told += f"--- notes\n{err.getvalue()}"
        if code:
            told += f"--- exit {code}\n"
        return told.replace(str(self._file), "PLAN")


@pytest.fixture
def _terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A terminal of one width, in one time zone, used by one person."""
    settings = {"COLUMNS": "100", "NO_COLOR": "1", "TRACKER_USER": "k.brandt", "TZ": "UTC"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
    language.use("en")


@pytest.mark.usefixtures("_terminal")
@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_pages(tmp_path: Path, spoken: str) -> None:
    language.use(spoken)
    moment = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)
    file = tmp_path / "demo.json"
    session = Session.open(file, who="k.brandt", today=TODAY, clock=lambda: moment)
    session.replay(demo.story(TODAY))
    session.close()
    read = Reader(file, spoken)
    for name, words in PAGES.items():
        golden.check(GOLDEN / f"{name}_{spoken}.txt", read(*words))


@pytest.mark.usefixtures("_terminal")
@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_what_is_said_of_changes(tmp_path: Path, spoken: str) -> None:
    read = Reader(tmp_path / "plan.json", spoken)
    told = [read(*line.split()) for line in CHANGES]
    golden.check(GOLDEN / f"changes_{spoken}.txt", "\n".join(told))


@pytest.mark.usefixtures("_terminal")
@pytest.mark.parametrize("spoken", language.LANGUAGES)
@pytest.mark.skipif(sys.version_info >= (3, 13), reason="argparse writes its pages otherwise")
def test_help(tmp_path: Path, spoken: str) -> None:
    read = Reader(tmp_path / "plan.json", spoken)
    pages = [read("--help"), *(read(name, "--help") for name in CALLS)]
    golden.check(GOLDEN / f"help_{spoken}.txt", "\n".join(pages))


def test_no_page_is_kept_that_is_not_read() -> None:
    pages = {*PAGES, "changes", "help"}
    read = {f"{page}_{spoken}" for page in pages for spoken in language.LANGUAGES}
    assert golden.kept(GOLDEN) == read
