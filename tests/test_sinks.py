"""Text from strangers in every field there is, through every sink: nothing of it acts."""

from __future__ import annotations

import json
import os
import re
import time
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tests.tui.terminal.test_terminal import TITLES, TODAY
from tracker.cli import main
from tracker.domain.change import Change, Edit
from tracker.domain.model import (
    Department,
    Entity,
    Item,
    Link,
    Pass,
    Person,
    Project,
    SavedFilter,
    System,
    Task,
)
from tracker.domain.sentence import sentence
from tracker.session import Session

# Besides what titles hold: marks without width, tags, line separators, half of a pair.
TEXTS = (*TITLES, "\u200bA\u00adB\u2028C\u2029D\ufeffE\U000e0041F\u180eG\ufff9H\x7fI\x85J\u061cK")
HOSTILE = "".join(text[:60] for text in TEXTS)
FILE = "b\x1b]0;Fenstertitel\x07\x9b2J\u202eöse\n.json"
_SGR = re.compile(r"\x1b\[[0-9;]*m")
# What the screen itself sends: colours, moves, erasing, modes, questions, the shape of the
# pointer, and what its background is; no other OSC and no 2J.
_OWN = re.compile(
    r"\x1b\[[0-9;]*[ABCDHKXm]|\x1b\[\?[0-9;]*(?:[hl]|\$p)|\x1b\[[<>=][0-9;]*[um]|\x0b"
    r"|\x1b\]22;[a-z-]*\x07|\x1b\]11;\?\x1b\\"
)


def acting(text: str, own: str = "\n\t") -> set[str]:
    """Return the characters in a text that would act on a terminal or turn it around."""
    kinds = {sign: unicodedata.category(sign) for sign in set(text)}
    acts = {sign for sign, kind in kinds.items() if kind in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    # The joiner of emoji and Indic letters is no more than that.
    return acts - set(own) - {"\u200d"}


def everywhere(text: str, base: int) -> Iterator[Entity]:
    """Yield entities with a text in each of their fields, numbered from `base` on."""
    yield Project(id=base, name=text)
    yield Department(id=base, name=text, short=text[:20], color=text[:20])
    yield Person(id=base, login=text, name=text, department=base)
    yield System(id=base, name=text, state="down", why=text, owner=base)
    yield SavedFilter(id=base, name=text, query=text)
    returned = Pass(number=1, outcome="returned", reason=text, gate=base, who=text)
    yield Task(
        id=base,
        title=text,
        project=base,
        department=base,
        assignee=base,
        requester=base,
        watchers=(base,),
        state="waiting",
        waiting_for=text,
        tags=(text,),
        systems=(base,),
        notes=text,
        checklist=(Item(text=text),),
        recurrence=text,
        expires=date(2026, 12, 1),
        ahead=text,
        passes=(returned, Pass(number=2, reason=text, gate=base, system=base, who=text)),
    )


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of hostile texts under a hostile name, that a hostile person has made."""
    folder = tmp_path / FILE.removesuffix(".json")
    folder.mkdir()
    path = folder / FILE
    monkeypatch.setenv("TRACKER_USER", TITLES[1] + TITLES[3])
    entities = [entity for n, text in enumerate(TEXTS, 1) for entity in everywhere(text, n)]
    entities.append(Link(id=1, kind="needs", source=1, target=2))
    entities += [
        Link(id=n + 1, kind="returns", source=n + 1, target=n, limit=1, escalate_to=n)
        for n in range(1, len(TEXTS))
    ]
    with_loop = [Link(id=40 + n, kind="needs", source=n, target=n + 1) for n in range(2, 11)]
    edits = tuple(Edit(None, entity) for entity in (*entities, *with_loop))
    session = Session.open(path, who=TITLES[1] + HOSTILE)
    session.do(lambda _ws, _now: Change(sentence("Added: {tasks}", tasks=HOSTILE), edits))
    session.close()
    return path


CALLS: tuple[tuple[str, ...], ...] = (
    ("list",),
    *(("show", str(n)) for n in range(1, len(TEXTS) + 1)),
    ("log",),
    ("loops",),
    ("back", "3", "--to", "2", "--preview", "--why", HOSTILE),
    ("check",),
    ("export", "{target}"),
    ("export", "{target}"),
    ("export", "{folder}/missing\x9b/x.csv"),
    ("export", "{folder}/x.{hostile}"),
    ("import", "{list}", "--dry-run"),
    ("import", "{list}", "--dry-run", "--project", HOSTILE),
    ("import", "{folder}/missing{hostile}.csv"),
    ("import", "{list}"),
    ("list", HOSTILE),
    ("list", "dept:" + TITLES[3], "who:" + TITLES[1], "sys:\x9bX", "due:\x1b[2Jx"),
    ("add", HOSTILE + " @\u202eX who:\x9bY sys:\x1b[2JZ #\u2067t project:\x07P"),
    ("add", "x due:\x1b[2J\u202e"),
    ("edit", "1", "title=" + HOSTILE, "assignee=\x9bwer\u202e", "notes=" + HOSTILE),
    ("edit", "1", "\x1b[2Jfeld=1"),
    ("edit", "1", "due=\x9bX"),
    ("wait", "1", "--for", HOSTILE),
    ("wait", "1", "--for", "x", "--until", "\x1b[2J"),
    ("link", "3", "1"),
    ("link", "11", "2"),
    ("back", "3", "--to", "2", "--why", HOSTILE, "--system", "\x9bnew\u202e"),
    ("system", "\x1b[2Junknown", "down"),
    ("system", TITLES[0], "up", "--why", HOSTILE),
    ("done", "1"),
    ("done", "\x1b[2J"),
    ("undo",),
    ("redo",),
    ("undo", "--who", HOSTILE),
    ("\x1b[2J\u202enonsense",),
    ("list", "--\x9bnonsense"),
    ("--lang", "\x1b[2J", "list"),
    ("--today", "\x9b\u202e", "list"),
    ("--file", "{folder}/\x1b[2Jmissing.json", "list"),
    ("--file", "{list}", "list"),
    ("delete", "2"),
)


def filled(call: tuple[str, ...], file: Path) -> list[str]:
    """Return the words of a call, with the places of files put in."""
    places = {
        "{target}": str(file.parent / "aus\x1b[2J\u202e.csv"),
        "{list}": str(file.parent / "liste\x9b\u202e.csv"),
        "{folder}": str(file.parent),
        "{hostile}": TITLES[1][:30],
    }
    words = []
    for word in call:
        for sign, value in places.items():
            word = word.replace(sign, value)
        words.append(word.replace("\0", ""))
    return words


def write_list(file: Path) -> None:
    """Write a list to be imported, hostile in its heads, its cells and its name."""
    rows = ["Nr;Vorgang;Abteilung;Vorgänger;Wer\x9b;Fällig;\x1b[2Jfremd\u202e"]
    for n, text in enumerate(TEXTS, 1):
        cell = '"' + text.replace('"', '""') + '"'
        rows.append(f"{n};{cell};{cell};{cell};{cell};{cell};{cell}")
    path = file.parent / "liste\x9b\u202e.csv"
    path.write_text("\n".join(rows), encoding="utf-8", newline="")


@pytest.mark.parametrize("json", [False, True], ids=["plain", "json"])
@pytest.mark.parametrize("sink", ["pipe", "terminal", "ascii", "german"])
def test_nothing_a_stranger_wrote_acts_through_the_command_line(
    file: Path,
    sink: str,
    json: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_list(file)
    options = {"ascii": ["--ascii"], "german": ["--lang", "de"]}.get(sink, [])
    codes = set()
    for call in CALLS:
        words = [*options, "--file", str(file), "--today", TODAY, *filled(call, file)]
        with monkeypatch.context() as seen:
            if sink == "terminal":
                for name in ("stdout", "stderr"):
                    seen.setattr(f"sys.{name}.isatty", lambda: True)
            code = main([*words, "--json"] if json else words)
        codes.add(code)
        said = capsys.readouterr()
        text = said.out + said.err
        assert "has crashed" not in text, (call, said.err)
        assert not acting(_SGR.sub("", text) if sink == "terminal" else text), call
        assert code != 0 or text, call
        if sink == "ascii" and not json:
            assert text.isascii(), call
    assert codes == {0, 1, 2}


def test_names_of_files_that_are_no_text_are_told_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/b\xf6se\xff.json")
    for words in (["init"], ["add", "Konzept"], ["check"], ["list"], ["init"], ["export", path]):
        for form in ([], ["--json"]):
            main(["--file", path, *words, *form])
            said = capsys.readouterr()
            assert "has crashed" not in said.err, words
            assert not acting(said.out + said.err), words


@pytest.mark.parametrize("terminal", [False, True])
def test_scripts_are_told_names_of_files_that_are_no_text(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,
) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/b\xf6se\xff")
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    file = ["--file", f"{path}.json", "--json"]
    for words, key, made in (
        (["init"], "file", ".json"),
        (["demo", "--no-screen", "--file", f"{path}-demo.json"], "file", "-demo.json"),
        (["add", "Konzept"], "", ""),
        (["export", f"{path}.csv"], "file", ".csv"),
        (["report", f"{path}.md"], "file", ".md"),
        (["copy", f"{path}.json", f"{path}2.json"], "to", "2.json"),
    ):
        assert main([*file, *words]) == 0, capsys.readouterr().err
        said = json.loads(capsys.readouterr().out)
        assert not key or (said[key] == path + made and os.path.exists(said[key]))


def test_settings_are_hostile_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "\x1b[2J\u202econfig.toml"
    monkeypatch.setenv("TRACKER_CONFIG", str(path))
    for content in ('"\u202e\x9b" = 1', 'lang = "\u202e\x9b"\n[keys]\n"\u2067" = "\x9b"', "\x1b"):
        path.write_text(content, encoding="utf-8")
        main(["--file", str(tmp_path / "plan.json"), "list"])
        said = capsys.readouterr()
        assert not acting(said.out + said.err)


PASTED = "".join(TEXTS).replace("\x1b", "").replace("\n", " ")[:300]


def shown(terminal: Terminal) -> str:
    """Return the screen as text; pyte's own way there stumbles over halves of wide characters."""
    screen = terminal._screen
    rows = (screen.buffer[y] for y in range(screen.lines))
    return "\n".join("".join(row[x].data for x in range(screen.columns)) for row in rows)


# What every dialog shows as long as it is, and an arrow that is being drawn.
_ASKED = "Esc:? cancel|Esc/n|Esc close"


def wait_for_dialog(terminal: Terminal) -> None:
    end = time.monotonic() + 30
    while not re.search(_ASKED, shown(terminal)):
        assert time.monotonic() < end, shown(terminal)
        terminal.settle()


def leave_dialog(terminal: Terminal) -> None:
    """Press Escape until nothing is asked any more; one too many does no harm on a view."""
    end = time.monotonic() + 30
    while re.search(_ASKED, shown(terminal)):
        assert time.monotonic() < end, shown(terminal)
        terminal.press("y" if "discard" in shown(terminal) else "escape")


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["small", "large"])
def test_nothing_a_stranger_wrote_acts_through_the_screen(
    file: Path, size: tuple[int, int]
) -> None:
    columns, rows = size
    arguments = ["--file", str(file), "--today", TODAY]
    environment = {"TRACKER_USER": TITLES[1] + TITLES[3]}
    paste = f"\x1b[200~{PASTED}\x1b[201~"
    with Terminal(arguments, columns=columns, rows=rows, env=environment) as terminal:
        terminal.wait_for(r"\[2 Board\]")
        for task in range(1, len(TEXTS) + 1):
            terminal.press(f":{task}\r")
            if columns < 120:
                terminal.press("\r\x1b[F", "2")
        for keys in ("e", "b", "w", "o", "m", "s", "#", "t", "a", "A", ">", "<", "X", "x"):
            terminal.press(keys)
            wait_for_dialog(terminal)
            terminal.press(paste)
            leave_dialog(terminal)
        for keys in ("/", ":"):
            terminal.press(keys + paste + "\r", "escape", "escape")
        terminal.press("v", "+", "-", "-", "z", "f", "3", "G", "enter", "escape", "2")
        # Somebody else's name and words come while one looks.
        main(["--file", str(file), "edit", "4", "title=neu" + HOSTILE])
        terminal.press("R", " ", "u", "U", "\x11")
        assert terminal.wait_end() == 0
        raw = terminal.raw.decode()
    assert "Zwischenablage" in raw
    assert "redrow" in raw
    assert "\x1b[2J" not in raw
    # Moves between cells, and the bell.
    assert not acting(_OWN.sub("", raw), own="\r\n\b\x07")


def test_the_first_screen_names_its_file_harmlessly(tmp_path: Path) -> None:
    with Terminal(["--file", str(tmp_path / FILE)]) as terminal:
        terminal.wait_for("Your plan is new")
        terminal.press("\x11")
        assert terminal.wait_end() == 0
        raw = terminal.raw.decode()
    assert "\x1b[2J" not in raw
    assert not acting(_OWN.sub("", raw), own="\r\n\b\x07")
