"""What shells and scripts may rely on: calls, exit codes, shapes of JSON, and what is said."""

from __future__ import annotations

import errno
import io
import json
import os
import pwd
import re
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import Mock

import openpyxl
import pytest

from tests import DATA, ROOT, needs
from tests.terminal import Terminal
from tracker import cli, config, language
from tracker.cli import CALLS, call_parser, file_calls, main
from tracker.domain.change import Record
from tracker.domain.errors import Refused
from tracker.domain.workspace import Workspace
from tracker.store import file_lock
from tracker.store.store import Store
from tracker.wording import edit_words

DONE, REFUSED, USAGE = 0, 1, 2
SHELLS = ("bash", "zsh", "fish")

TASK_KEYS = {
    *("id", "title", "project", "department", "assignee", "requester", "state", "ready", "blocked"),
    *("stuck", "late", "priority", "low", "likely", "high", "effort", "spent", "due", "not_before"),
    *("follow_up", "waiting_for", "tags", "systems", "needs", "returns", "passes", "created"),
    "modified",
}


class Said(NamedTuple):
    """How a call ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said to a script."""
        return json.loads(self.out)


class Shell:
    """Calls the program on one workspace, on 23 November 2026."""

    def __init__(self, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file, self._capsys = file, capsys

    def bare(self, *words: str) -> Said:
        """Call it with these words alone."""
        code = main(words)
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def __call__(self, *words: str) -> Said:
        """Call it on the workspace; it must not fail for a reason of its own."""
        return self.bare("--file", str(self.file), "--today", "2026-11-23", *words)

    def json(self, *words: str) -> Any:
        """Call it as a script would, and return what it says."""
        said = self(*words, "--json")
        assert said.code == DONE, said.err
        return said.json

    def done(self, *words: str) -> str:
        """Call it as a person would, and return what it says."""
        said = self(*words)
        assert said.code == DONE, said.err
        return said.out

    def refused(self, *words: str) -> str:
        """Call it, and return the reason why not."""
        said = self(*words)
        assert (said.code, said.out) == (REFUSED, ""), said
        return said.err

    def misused(self, *words: str) -> str:
        """Call it, and return what is wrong with the words."""
        said = self(*words)
        assert (said.code, said.out) == (USAGE, ""), said
        return said.err


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """An empty workspace."""
    shell = Shell(tmp_path / "plan.json", capsys)
    shell.done("init")
    return shell


@pytest.fixture
def loop(shell: Shell) -> Shell:
    """Three tasks in a row with a way back, the first two of them done."""
    shell.done("add", "Concept @Architecture who:k.brandt ~2/3/5")
    shell.done("add", "Build @Development ~4 after:1")
    shell.done("add", "Acceptance @Billing ~1 after:2 back:1:30%:50%:2")
    shell.done("add", "Manual after:1")
    shell.done("done", "1", "2", "4")
    shell.done("start", "3")
    return shell


# --- files


def test_quoted_lines_are_a_task_each(shell: Shell) -> None:
    assert shell.json("add", "A @HR", "B after:1") == [{"id": 1}, {"id": 2}]
    assert shell.json("add", "Send", "the list", "after:2") == {"id": 3}
    titles = [task["title"] for task in shell.json("list")]
    assert sorted(titles) == ["A", "B", "Send the list"]


@pytest.mark.parametrize("option", ["--file", "--db"])
def test_an_empty_place_is_not_ones_own_workspace(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    for words in ((option, "", "add", "Konzept"), ("add", "Konzept", f"{option}=")):
        said = shell.bare(*words)
        assert (said.code, said.out) == (USAGE, "")
        assert said.err.endswith(f"tracker: argument {option}: it is empty\n")
    assert not (tmp_path / "own").exists()


def test_init_creates_an_empty_workspace_for_its_owner_alone(shell: Shell) -> None:
    other = shell.file.parent / "deep" / "other"
    assert shell.json("init", str(other)) == {"file": f"{other}.json"}
    assert stat.S_IMODE(os.stat(f"{other}.json").st_mode) == 0o600
    assert stat.S_IMODE(os.stat(other.parent).st_mode) == 0o700
    assert "already" in shell.refused("init", str(other))


def test_without_a_name_the_workspace_is_in_the_folder_for_data(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    said = shell.bare("list")
    assert said.code == REFUSED
    assert "`tracker init`" in said.err
    assert shell.bare("add", "Concept").code == DONE
    assert (tmp_path / "data" / "tracker" / "tracker.json").exists()
    assert stat.S_IMODE((tmp_path / "data" / "tracker").stat().st_mode) == 0o700


@pytest.mark.parametrize("folder", ["new/", "new/sub//", "new/."])
def test_a_folder_that_is_yet_to_be_made_holds_the_same_workspace_afterwards(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("TRACKER_FILE", f"{tmp_path}/{folder}")
    for title in ("A", "B"):
        assert shell.bare("add", title).code == DONE
    assert [task["title"] for task in shell.bare("list", "--json").json] == ["A", "B"]


def test_folders_are_made_however_many(shell: Shell, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 1_100)
    said = shell.bare("--file", f"{deep}/plan.json", "add", "Concept")
    there = [file.name for file in deep.iterdir()]
    # Nobody who clears up goes as deep.
    for name in there:
        (deep / name).unlink()
    os.removedirs(deep)
    assert (said.code, "plan.json" in there) == (DONE, True)


def test_the_workspace_is_named_by_option_environment_or_settings(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "config" / "tracker" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'file = "{tmp_path}/a.json"\nlang = "de"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    shell.bare("add", "A")
    monkeypatch.setenv("TRACKER_FILE", str(tmp_path / "b"))
    shell.bare("add", "B")
    shell.bare("add", "C", "--file", str(tmp_path / "c.json"))
    assert language.current() == "de"
    for name in "abc":
        said = shell.bare("list", "--json", "--file", str(tmp_path / f"{name}.json"))
        assert [task["title"] for task in said.json] == [name.upper()]


@pytest.mark.parametrize(
    "content",
    [
        *("file = ", "colour = true", "ascii = 3", "\xff", "file = " + "[" * 5_000),
        *("ascii = " + "9" * 5_000, f"{'.'.join('a' * 20_000)} = 1"),
    ],
)
def test_settings_that_cannot_be_used_are_named(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(content, encoding="latin-1")
    monkeypatch.setenv("TRACKER_CONFIG", str(path))
    assert str(path) in shell.refused("list")


def test_settings_without_an_end_are_named(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long, pipe = tmp_path / "long.toml", tmp_path / "pipe.toml"
    long.write_bytes(b"#" * (1 << 20) + b"\n")
    os.mkfifo(pipe)
    for path, told in (
        (long, f"{long} is invalid: it is larger than 64 KB. Correct or delete the file."),
        (pipe, f"Cannot read {pipe}: it is not an ordinary file."),
        ("/dev/zero", "Cannot read /dev/zero: it is not an ordinary file."),
    ):
        monkeypatch.setenv("TRACKER_CONFIG", str(path))
        assert shell.refused("list") == f"tracker: {told}\n"
    monkeypatch.setenv("TRACKER_CONFIG", os.devnull)
    assert shell("list").code == DONE


def test_options_stand_before_or_behind_the_call(shell: Shell) -> None:
    shell.done("add", "Concept")
    file = str(shell.file)
    before = shell.bare("--file", file, "--today", "2026-11-23", "--json", "list")
    behind = shell.bare("list", "--json", "--today=2026-11-23", f"--file={file}")
    assert before == behind
    assert before.json[0]["created"].startswith("2026-11-23T")


# --- quick add and edit


def test_add_tells_the_number(shell: Shell) -> None:
    assert shell.json("add", "Concept") == {"id": 1}
    assert shell.done("add", "Build", "after:1") == "Added: 2 Build\n"
    assert shell.json("show", "2")["needs"] == [{"id": 1, "lag": 0.0}]


def test_add_tells_as_which_days_words_were_read(shell: Shell) -> None:
    assert shell.done("add", "Build due:Fr nächste Woche follow:in 3 days") == (
        "Added: 1 Build · Due Fri 4 Dec · 2026-12-04, Follow-up Thu 26 Nov · 2026-11-26\n"
    )
    assert shell.done("add", "Test due:fr", "Ship it", "Train due:KW 50") == (
        "Added 3 tasks · 2: Due Fri 27 Nov · 2026-11-27; 4: Due Fri 11 Dec · 2026-12-11\n"
    )


def test_what_came_into_being_by_its_name_is_told(shell: Shell) -> None:
    said = shell("add", "Firewall @Netz who:k.brandt sys:erp-db project:Umzug")
    assert said.out == "Added: 1 Firewall\n"
    assert said.err.splitlines() == [
        "New department: Netz",
        "New person: k.brandt",
        "New system: erp-db",
        "New project: Umzug",
    ]
    assert shell("add", "Proxy @netz").err == ""


def test_names_with_blanks_need_no_quotes_once_they_are_known(shell: Shell) -> None:
    shell("add", 'Eins @"Fachbereich Vertrieb"')
    assert shell("add", "Zwei @fachbereich vertrieb").err == ""
    assert shell.json("list", "@Fachbereich Vertrieb", "zwei")[0]["title"] == "Zwei"
    assert shell("edit", "2", "dept=Fachbereich", "Vertrieb", "prio=high").code == DONE
    task = shell.json("show", "2")
    assert (task["department"], task["priority"]) == ("Fachbereich Vertrieb", "high")
    assert "is not an assignment" in shell.misused("edit", "2", "dept=Netz", "Vertrieb")


def test_what_is_named_for_the_first_time_may_be_a_slip(shell: Shell) -> None:
    shell("add", "Eins @Netz sys:erp-db")
    told = shell.refused("add", "Zwei @Netzt sys:erpdb")
    assert "“Netzt” is not known here. Did you mean Netz? To create it, add --new." in told
    told = shell("add", "--new", "Zwei @Netzt sys:erpdb").err
    assert "New department: Netzt  Did you mean Netz?" in told
    assert "New system: erpdb  Did you mean erp-db?" in told
    assert "Did you mean erp-db, erpdb?" in shell("list", "sys:erb-db").err


@pytest.mark.parametrize(
    ("typed", "code"),
    [(b"y\n", DONE), (b"j", DONE), (b"\n", REFUSED), (b"", REFUSED), (b"\xfc\n", REFUSED)],
)
def test_a_person_is_asked_whether_a_slip_is_a_name(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, typed: bytes, code: int
) -> None:
    shell("add", "Eins @Netz")
    answer = io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8")
    monkeypatch.setattr(answer, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", answer)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    said = shell("add", "Zwei @Netzt")
    assert (said.code, len(shell.json("list"))) == (code, 2 if code == DONE else 1), said.err
    assert "Did you mean Netz? Create it? [y/N]" in said.err
    assert "has crashed" not in said.err


def test_wherever_a_name_is_typed_one_that_may_be_a_slip_is_not_created(shell: Shell) -> None:
    shell("add", "Eins @Netz who:jana sys:erp-db")
    shell("add", "Zwei after:1")
    for call in (
        ("edit", "1", "dept=Netzt"),
        ("edit", "1", "watch=jan"),
        ("link", "2", "1", "--return", "--escalate-to", "jan"),
    ):
        assert "To create it, add --new." in shell.refused(*call)
    assert shell("edit", "1", "--new", "dept=Netzt").code == DONE
    assert shell("add", "Drei sys:cloud-1,cloud-2,cloud-a,cloud-b").code == DONE, "no slips"


@pytest.mark.parametrize(
    "words",
    [
        ("edit", "1", "notes=Called Dell", "notes+=They call back"),
        ("edit", "1", "tags+=a", "tag+=b"),
        ("edit", "1", "title=A", "vorgang=B"),
        ("edit", "1", "estimate=1/2/3", "low=2"),
        ("department", "Netz", "off=24.12.2026", "off=25.12.2026"),
        ("set", "region=DE-BY", "region=DE-NW"),
    ],
)
def test_of_two_values_for_a_field_none_is_dropped_in_silence(
    shell: Shell, words: tuple[str, ...]
) -> None:
    shell("add", "Eins @Netz")
    key = words[-1].partition("=")[0]
    told = shell.refused(*words)
    assert f"tracker: {key} can be given only once; {words[-1]} is one too many.\n" in told
    assert len(shell.json("log")) == 1


def test_what_looks_like_a_field_and_what_cannot_be_kept_is_told(shell: Shell) -> None:
    told = shell("add", "Firewall colour:red from:2027-02-01 due:2027-01-01").err.splitlines()
    assert told == [
        "! colour:red stays in the title; there is no field colour.",
        "! 1 Firewall colour:red may not begin before 2027-02-01, but is due 2027-01-01.",
    ]
    assert shell("edit", "1", "prio=high").err == "", "told once, where it is said"
    assert "may not begin before" in shell("edit", "1", "from=2027-03-01").err


def test_a_task_is_added_before_others_in_a_state_and_with_watchers(shell: Shell) -> None:
    shell("add", "Concept")
    shell("add", "Build after:1")
    assert shell.done("add", "Approval ~0 after:1 next:2 state:doing watch:jana")
    task = shell.json("show", "3")
    assert (task["state"], task["watchers"]) == ("doing", ["jana"])
    assert {need["id"] for need in shell.json("show", "2")["needs"]} == {1, 3}
    assert "milestone" in shell("show", "3").out
    assert "milestone" in shell("list", "next:2 est:0").out
    assert "closes a loop" in shell.refused("add", "Loop after:2 next:3")
    assert "no task 99" in shell.refused("add", "X next:99")
    assert "nothing to recheck" in shell.refused("add", "X state:recheck")
    assert shell.json("add", "Was state:done") == {"id": 4}
    assert shell.json("show", "4")["passes_ledger"][0]["outcome"] == "done"


def test_notes_and_lists_are_added_to(shell: Shell) -> None:
    shell("add", "Firewall #a sys:erp")
    shell("add", "Proxy")
    assert shell("edit", "1,2", "notes+=Called Dell", "tag+=b", "sys+=Azure", "--new").code == DONE
    assert shell("edit", "1", "notes+=They call back").code == DONE
    first, second = (shell.json("show", number) for number in ("1", "2"))
    assert first["notes"] == "Called Dell\nThey call back"
    assert (first["tags"], first["systems"]) == (["a", "b"], ["erp", "Azure"])
    assert (second["notes"], second["tags"]) == ("Called Dell", ["b"])
    assert "holds one value" in shell.refused("edit", "1", "due+=fr")


def test_what_is_done_is_not_started_by_mistake(shell: Shell) -> None:
    shell("add", "Firewall")
    shell("done", "1")
    assert "is done; to work on it again, reopen it first." in shell.refused("start", "1")
    shell("reopen", "1")
    assert shell.json("start", "1")["state"] == "doing"


def test_the_schedule_marks_what_misses_its_due_date(shell: Shell) -> None:
    shell("add", "Firewall ~9 due:+2d")
    shell("add", "Proxy ~1 due:+30d")
    (late, fine) = sorted(shell("schedule").out.splitlines()[:2])
    assert "misses" in late
    assert "misses" not in fine


def test_tasks_are_listed_in_an_order_and_in_groups(shell: Shell) -> None:
    shell("add", "Zoll @Netz ~2 due:2027-02-01 #b #a")
    shell("add", "Änderung @Vertrieb ~5")
    shell("add", "Abnahme ~1 due:2027-01-01")

    def rows(*call: str) -> list[str]:
        return [line.partition("\t")[0] for line in shell("list", *call).out.splitlines()]

    assert rows("--sort", "due") == ["3", "1", "2"], "what is not due comes last"
    assert rows("--sort", "fällig", "--reverse") == ["1", "3", "2"]
    assert rows("--sort", "title") == ["3", "2", "1"], "ä is sorted as a"
    assert rows("--sort", "est", "--reverse") == ["2", "1", "3"]
    assert rows("--by", "department") == ["Netz", "Vertrieb", "–"]
    assert rows("--by", "tag") == ["a", "b", "–", "–"], "in each of its groups"
    groups = shell.json("list", "--by", "dept", "--slack")
    assert [(task["group"], task["slack"]) for task in groups] == [
        ("Netz", 3.0),
        ("Vertrieb", 0.0),
        ("–", 4.0),
    ]
    assert "did you mean titel?" in shell.refused("list", "--sort", "titel1")
    assert "choose from dept, who" in shell.refused("list", "--by", "xyzzy")


def test_a_word_that_is_nowhere_finds_those_like_it_and_that_is_told(shell: Shell) -> None:
    shell("add", "Firewall freischalten who:k.brandt")
    found = shell("list", "firwall")
    assert "Firewall freischalten" in found.out
    assert found.err == "“firwall” is nowhere; showing firewall.\n"
    assert "Firewall" in shell("list", "brandt").out


def test_a_mistake_in_the_line_is_underlined_and_nothing_is_stored(shell: Shell) -> None:
    said = shell.refused("add", "Lasttest für ~5/2/1 @Netz").splitlines()
    assert said[0].startswith("tracker: The estimate 5/2/1 is out of order")
    assert said[1:] == ["Lasttest für ~5/2/1 @Netz", "             ^^^^^^"]
    assert "There is no task 12" in shell.refused("add", "Build after:12")
    assert shell.json("list") == []


def test_edit_sets_and_clears_fields(shell: Shell) -> None:
    shell.done("add", "Concept due:2026-12-01 #later who:me")
    shell.done("add", "Build")
    edited = (
        "title=New concept",
        "prio=hoch",
        "estimate=1/2/5",
        "due=",
        "tags=a,b",
        "who=k.brandt",
    )
    assert shell.json("edit", "1", *edited) == {"id": 1, "state": "todo"}
    task = shell.json("show", "1")
    assert (task["title"], task["priority"], task["due"]) == ("New concept", "high", None)
    assert (task["low"], task["likely"], task["high"]) == (1.0, 2.0, 5.0)
    assert (task["tags"], task["assignee"]) == (["a", "b"], "k.brandt")
    assert shell.json("edit", "1,2", "state=doing") == [
        {"id": 1, "state": "doing"},
        {"id": 2, "state": "doing"},
    ]
    assert "No change." in shell.done("edit", "1", "prio=high")


@pytest.mark.parametrize(
    ("word", "reason", "place"),
    [
        ("due=someday", "is not a date", "    ^^^^^^^"),
        ("dew=fr", "There is no field dew", "^^^"),
        ("needs=3", "`link`", "^^^^^"),
        ("low=many", "is not a number of days", "    ^^^^"),
    ],
)
def test_a_mistake_in_an_edit_is_underlined(
    shell: Shell, word: str, reason: str, place: str
) -> None:
    shell.done("add", "Concept")
    first, line, under = shell.refused("edit", "1", word).splitlines()
    assert reason in first
    assert (line, under) == (word, place)


# --- telling


def test_a_task_in_json_has_the_agreed_fields(shell: Shell) -> None:
    shell.done("add", "Concept")
    shell.done("add", "Acceptance after:1+2 back:1:30%:50%:3 sys:ERP")
    task = shell.json("list")[1]
    assert set(task) >= TASK_KEYS
    assert task["needs"] == [{"id": 1, "lag": 2.0}]
    back = {"to": 1, "rate": 0.3, "share": 0.5, "limit": 3, "redo": "all", "learning": 0.0}
    assert task["returns"] == [{**back, "escalation": None, "observed_only": False}]
    derived = [task[name] for name in ("blocked", "ready", "stuck", "late")]
    assert derived == [True, False, False, False]
    assert task["systems"] == ["ERP"]


def test_list_takes_a_filter(shell: Shell) -> None:
    shell.done("add", "Firewall @Netz #later")
    shell.done("add", "Proxy @Netz due:2026-11-20")
    shell.done("add", "Concept")

    def found(*words: str) -> list[int]:
        return [task["id"] for task in shell.json("list", *words)]

    assert found() == [1, 2, 3]
    assert found("dept:netz") == [1, 2]
    assert found("@netz", "-#later") == [2]
    assert found("-#later") == [2, 3]
    assert found("due:<today or concept") == [2, 3]
    assert found("state:late") == [2]
    assert found("nothing") == []


def test_a_filter_that_matches_nothing_says_so(shell: Shell) -> None:
    assert "no tasks yet" in shell("list").err
    shell.done("add", "Concept")
    said = shell("list", "dept:netz")
    assert (said.code, said.out) == (DONE, "")
    assert said.err.splitlines() == [
        "“netz” is not known here.",
        "No task matches dept:netz.",
    ]
    first, line, under = shell.refused("list", "due:<fr (net").splitlines()
    assert "parenthesis" in first
    assert (line, under) == ("due:<fr (net", "        ^")


def test_in_a_pipe_a_list_is_lines_with_tabs(shell: Shell) -> None:
    shell.done("add", "Concept @Architecture !high due:2026-11-20 who:k.brandt")
    shell.done("add", "Build after:1")
    assert shell.done("list").splitlines() == [
        "1\tready\thigh\t2026-11-20\tArchitecture\tk.brandt\t!3 days late\tConcept",
        "2\tblocked\t\t\t\t\t\tBuild",
    ]


HOSTILE = "a\x1b[31mb\x9b2Jc\u202ed\te\nf"


def test_text_from_people_never_reaches_the_terminal_raw(shell: Shell) -> None:
    shell.done("add", "Concept")
    shell.done("edit", "1", f"title={HOSTILE}", f"notes={HOSTILE}")
    shell.done("wait", "1", "--for", HOSTILE)
    calls = (("list",), ("show", "1"), ("log",), ("undo",), ("reopen", "1"), ("reopen", "1"))
    for words in calls:
        said = shell(*words)
        harmful = set(said.out + said.err) & set("\x1b\x9b\u202e")
        assert not harmful, words
    assert all(line.count("\t") == 7 for line in shell.done("list").splitlines())
    raw = shell("list", "--json")
    assert not set(raw.out) & set("\x1b\x9b\u202e")
    assert raw.json[0]["title"] == HOSTILE


def test_ascii_is_ascii(shell: Shell) -> None:
    shell.done("add", "Prüfung → Übergabe")
    shell.done("add", "Größe after:1 back:1")
    for words in (("list",), ("show", "2"), ("loops",), ("link", "2", "1")):
        said = shell("--ascii", *words)
        assert (said.out + said.err).isascii()


def test_show_tells_everything_about_a_task(loop: Shell) -> None:
    loop.done("back", "3", "--to", "1", "--why", "ERP-DB refuses", "--system", "ERP-DB")
    task = loop.json("show", "1")
    assert set(task) >= {*TASK_KEYS, "history", "passes_ledger", "notes", "checklist"}
    first, second = task["passes_ledger"]
    assert (first["number"], first["outcome"]) == (1, "done")
    assert (second["number"], second["outcome"], second["gate"]) == (2, None, 3)
    assert (second["reason"], second["system"]) == ("ERP-DB refuses", "ERP-DB")
    assert [record["seq"] for record in task["history"]] == [1, 2, 3, 4, 5, 7]
    page = loop.done("show", "1")
    for part in (
        "1 Concept\n○ ready · ↻2/2\n",
        "Assignee    k.brandt",
        "2/3/5 working days",
        "? 2 Build  recheck",
        "⊘ 3 Acceptance  ↻2/2 30% entered · 50% rework  blocked",
        "#2 todo  since ",
        "back from 3 Acceptance by ",
        ": “ERP-DB refuses” · ERP-DB",
        "Sent back: 3 Acceptance → 1 (pass 2): ERP-DB refuses",
    ):
        assert part in page


# --- states


def test_the_states_of_a_task(shell: Shell) -> None:
    shell.done("add", "Concept")
    steps = {
        ("start", "1"): "doing",
        ("wait", "1", "--for", "the supplier", "--until", "+3d"): "waiting",
        ("done", "1"): "done",
        ("reopen", "1"): "todo",
        ("drop", "1"): "dropped",
    }
    for words, state in steps.items():
        assert shell.json(*words) == {"id": 1, "state": state}
        if state == "waiting":
            task = shell.json("show", "1")
            assert (task["waiting_for"], task["follow_up"]) == ("the supplier", "2026-11-26")
    assert "is already dropped" in shell.refused("drop", "1")
    assert shell.json("delete", "1") == {"id": 1}
    assert shell.json("list") == []


def test_several_tasks_change_at_once(shell: Shell) -> None:
    for title in ("Concept", "Build", "Test"):
        shell.done("add", title)
    assert shell.json("start", "1,2", "3", "#3") == [
        {"id": task, "state": "doing"} for task in (1, 2, 3)
    ]
    assert shell.json("undo")["seq"] == 5


def test_of_several_tasks_those_are_left_alone_that_cannot_be_changed(shell: Shell) -> None:
    for title in ("Concept", "Build", "Test", "Manual"):
        shell.done("add", title)
    shell.done("done", "2")
    said = shell("done", "1", "2")
    assert said == (DONE, "Done: 1 Concept\n", "tracker: 2 Build is already done.\n")
    shell.done("drop", "4")
    said = shell("done", "3", "4", "99", "--json")
    assert said.code == REFUSED
    assert [(form["id"], form.get("state")) for form in said.json] == [
        (3, "done"),
        (4, "dropped"),
        (99, None),
    ]
    assert ["left" in form for form in said.json] == [False, True, True]
    assert "4 Manual is dropped" in said.err
    assert "There is no task 99" in said.err
    assert shell.json("undo")["label"] == "Undo: Done: 3 Test"
    assert "2 Build is already done" in shell.refused("done", "1", "2")
    assert "skipped" in shell.done("done", "--help")


def test_a_recheck_is_confirmed(loop: Shell) -> None:
    loop.done("back", "3", "--to", "1", "--why", "no")
    assert loop.json("confirm", "2") == {"id": 2, "state": "done"}
    assert "can be confirmed" in loop.refused("confirm", "2")


# --- arrows


def test_link_draws_an_arrow(shell: Shell) -> None:
    shell.done("add", "Concept")
    shell.done("add", "Build")
    assert shell.json("link", "1", "2", "--lag", "2") == {"from": 1, "to": 2, "kind": "needs"}
    assert shell.json("show", "2")["needs"] == [{"id": 1, "lag": 2.0}]
    assert "already" in shell.refused("link", "1", "2")
    shell.done("link", "1", "2", "--lag", "-1")
    assert shell.json("show", "2")["needs"] == [{"id": 1, "lag": -1.0}]
    assert shell.json("unlink", "1", "2") == {"from": 1, "to": 2, "kind": "needs"}
    assert "There is no arrow from 1 Concept to 2 Build" in shell.refused("unlink", "1", "2")
    assert "There is no task 7" in shell.refused("unlink", "1", "7")


def test_a_loop_is_named_with_the_way_out(loop: Shell) -> None:
    before = loop.json("list")
    reason, way_out = loop.refused("link", "3", "2").splitlines()
    assert "2 Build → 3 Acceptance → 2" in reason
    assert way_out == f"`tracker --file {loop.file} link 3 2 --return` draws the return arrow."
    assert loop.json("list") == before
    assert loop.json("link", "3", "2", "--return") == {"from": 3, "to": 2, "kind": "returns"}


@pytest.mark.parametrize("typed", ["30%", "30 %", "30", "0.3", "0,3"])
def test_a_rate_is_per_cent_or_a_fraction(loop: Shell, typed: str) -> None:
    loop.done("link", "3", "2", "--return", "--rate", typed, "--share", "1", "--limit", "3")
    back = loop.json("show", "3")["returns"][1]
    assert {name: back[name] for name in ("to", "rate", "share", "limit")} == {
        "to": 2,
        "rate": 0.3,
        "share": 1.0,
        "limit": 3,
    }


def test_a_return_arrow_is_changed_by_drawing_it_again(loop: Shell) -> None:
    loop.done("link", "3", "1", "--return", "--limit", "5")
    back = loop.json("show", "3")["returns"][0]
    assert (back["rate"], back["limit"]) == (0.3, 5)
    assert loop.json("unlink", "3", "1")["kind"] == "returns"


@pytest.mark.parametrize(
    "words",
    [
        ("1", "2", "--rate", "30%"),
        ("1", "2", "--limit", "3"),
        ("1", "2", "--return", "--lag", "1"),
        ("1", "2", "--return", "--rate", "often"),
        ("1", "2", "--return", "--limit", "0"),
        ("1", "2", "--lag", "soon"),
        ("1", "1,2"),
        ("1", "x"),
        ("1",),
    ],
)
def test_link_is_misused(loop: Shell, words: tuple[str, ...]) -> None:
    assert loop.misused("link", *words)


def test_a_rate_of_all_is_refused(loop: Shell) -> None:
    assert "below 100%" in loop.refused("link", "3", "2", "--return", "--rate", "100%")


def test_loops_are_told(loop: Shell) -> None:
    (found,) = loop.json("loops")
    assert found["tasks"] == [1, 2, 3]
    assert found["departments"] == ["Architecture", "Development", "Billing"]
    arrow = {"from": 3, "to": 1, "rate": 0.3, "observed": None, "limit": 2, "passes": 1}
    (back,) = found["returns"]
    assert arrow.items() <= back.items()
    assert (back["rate_mean"], back["share_mean"]) == (0.3, 0.5)
    assert found["deadlock"] is None
    assert found["spectral_radius"] == pytest.approx(0.3 ** (1 / 3))
    assert found["health"] == "good"
    assert found["expected_days"] == pytest.approx(8 + 3 / 7 * 0.5 * 8)
    assert found["sd_days"] == pytest.approx(4 * (0.3 / 0.7**2) ** 0.5)
    assert [visit["times"] for visit in found["visits"]] == [pytest.approx(10 / 7)] * 3
    assert loop.done("loops") == (
        "↻  1 Concept → 2 Build → 3 Acceptance → 1\n"
        "  expected return rate 30%, as entered · 50% rework · never returned, at most 2"
        " passes\n"
        "  This loop converges (30% of passes are followed by another, with 50% of the work) ·"
        " expected from start to acceptance: 9.7 ± 3.1 d\n"
    )
    loop.done("back", "3", "--to", "1", "--why", "no")
    (found,) = loop.json("loops")
    (back,) = found["returns"]
    assert {**arrow, "observed": 1.0, "passes": 2}.items() <= back.items()
    assert (back["returned"], back["ended"]) == (1, 1)
    assert (back["rate_mean"], back["share_observed"]) == (pytest.approx(2.2 / 5), None)
    assert "  1 of 1 returned: 44%, 12–79% (entered: 30%) · " in loop.done("loops")


def test_a_loop_that_hardly_dies_out_is_named(loop: Shell) -> None:
    loop.done("link", "3", "1", "--return", "--rate", "80%")
    assert "barely converges" in loop.done("loops")
    (found,) = loop.json("loops")
    assert (found["health"], found["another_round"]) == ("amber", pytest.approx(0.8))


def test_a_deadlock_is_no_loop_of_rework(shell: Shell) -> None:
    assert "There are no loops" in shell("loops").err
    shell.done("add", "Restore")
    shell.done("add", "Patch after:1")
    shell.done("wait", "1", "--for", "#2")
    (found,) = shell.json("loops")
    assert (found["tasks"], found["returns"]) == ([1, 2], [])
    assert sorted(set(found["deadlock"]["path"])) == [1, 2]
    assert found["deadlock"]["frees"] == 2
    assert "Deadlock, not resolved by any return: " in shell.done("loops")


# --- sending back


def test_the_preview_of_a_send_back_changes_nothing(loop: Shell) -> None:
    before = loop.json("list"), loop.json("log")
    preview = loop.json("back", "3", "--to", "1", "--preview")
    assert (loop.json("list"), loop.json("log")) == before
    known = {
        "reopened": [1],
        "recheck": [2],
        "also_built_on": [4],
        "pass": 2,
        "limit": 2,
        "p80_before": "2026-11-30",
        "p80_after": "2026-12-08",
    }
    assert known.items() <= preview.items()
    assert preview["rework_days"] == 4.0
    page = loop.done("back", "3", "--to", "1", "--preview").splitlines()
    assert page == [
        "3 Acceptance → 1 Concept",
        "Reopens",
        "  1 Concept  (Architecture · k.brandt)  pass 2",
        "  3 Acceptance  (Billing)  waits for it",
        "To be rechecked (1)",
        "  2 Build  (Development)",
        "Also built on it: add --also 4 to recheck them as well",
        "  4 Manual",
        "Pass 2 of 2 of this loop · 4 working days of rework",
        "P80 Mon 30 Nov → Tue 8 Dec: 6.1 working days later",
    ]


def test_a_send_back_does_what_its_preview_said(loop: Shell) -> None:
    words = ("back", "3", "--to", "1", "--also", "4")
    preview = loop.json(*words, "--preview")
    assert loop.json(*words, "--why", "ERP-DB refuses") == preview
    assert (preview["recheck"], preview["also_built_on"]) == ([2, 4], [])
    states = {task["id"]: task["state"] for task in loop.json("list")}
    assert states == {1: "todo", 2: "recheck", 3: "todo", 4: "recheck"}


def test_a_send_back_beyond_its_limit_says_who_is_to_be_told(loop: Shell) -> None:
    loop.done("link", "3", "1", "--return", "--limit", "1", "--escalate-to", "m.terhorst")
    said = loop.done("back", "3", "--to", "1", "--why", "no")
    assert "Pass 2 of 1 of this loop" in said
    assert "! Over the limit: notify m.terhorst." in said
    assert "over the limit" in loop.done("show", "1")


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("3", "--to", "1"), USAGE, "give the reason"),
        (("3", "--why", "no"), USAGE, "--to"),
        (("3", "--to", "1", "--why", " "), REFUSED, "Give the reason why"),
        (("1", "--to", "3", "--why", "no"), REFUSED, "from a later task to an earlier one"),
        (("3", "--to", "9", "--preview"), REFUSED, "There is no task 9"),
        (("3", "--to", "1", "--preview", "--also", "3"), REFUSED, "3 is not among"),
    ],
)
def test_a_send_back_that_makes_no_sense(
    loop: Shell, words: tuple[str, ...], code: int, reason: str
) -> None:
    said = loop("back", *words)
    assert (said.code, said.out) == (code, "")
    assert reason in said.err


def test_the_story_of_a_list_that_goes_back_and_forth(shell: Shell) -> None:
    report = shell.json("import", str(DATA / "umzug-erp.csv"))
    assert report["tasks"] == len(shell.json("list")) > 30
    gate, target = next((arrow["from"], arrow["to"]) for arrow in report["returns"])
    shell.done("edit", str(target), "state=done")
    before = shell.json("list")
    words = ("back", str(gate), "--to", str(target))
    preview = shell.json(*words, "--preview")
    assert shell.json("list") == before
    assert shell.json(*words, "--why", "The server refuses") == preview
    after = {task["id"]: task for task in shell.json("list")}
    assert after[target]["state"] == "todo"
    assert {after[task]["state"] for task in preview["recheck"]} <= {"recheck"}
    assert "Sent back" in shell.json("undo")["label"]
    assert shell.json("list") == before
    assert shell.json("redo")["label"].startswith("Redo: Sent back")
    assert {task["id"]: task for task in shell.json("list")} == after


def test_sending_back_what_was_never_begun_is_doubted_and_recorded(shell: Shell) -> None:
    shell.done("add", "Build")
    shell.done("add", "Test after:1")
    for words in (("--preview",), ("--why", "no")):
        said = shell("back", "2", "--to", "1", *words)
        assert said.code == DONE
        assert "2 Test has not been started" in said.out
        assert "1 Build has not been started" in said.out
    assert shell.json("show", "1")["passes"] == 2


# --- systems


def test_a_system_that_is_down_names_what_it_holds_up(shell: Shell) -> None:
    shell.done("add", "Migrate sys:ERP-DB @Netz who:k.brandt")
    shell.done("add", "Archive sys:ERP-DB")
    shell.done("done", "2")
    said = shell.json("system", "erp-db", "down", "--why", "Disk full")
    assert said == {"name": "ERP-DB", "state": "down", "affected": [1]}
    assert shell.json("list", "state:stuck")[0]["id"] == 1
    assert "stuck: ERP-DB" in shell.done("list")
    assert shell.done("system", "ERP-DB", "up").splitlines() == [
        "ERP-DB is up",
        "  1 Migrate  (Netz · k.brandt)",
    ]
    assert shell.done("--lang", "de", "system", "ERP-DB", "ausgefallen").endswith(
        "  1 Migrate  (Netz · k.brandt)\n"
    )
    said_of_new = shell("system", "Mail", "degraded", "--new")
    assert (said_of_new.code, said_of_new.err) == (DONE, "New system: Mail\n")
    assert "'broken' is neither a state (up, " in shell.misused("system", "Mail", "broken")


# --- history


def test_the_log_tells_who_changed_what(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_USER", "k.brandt")
    shell.done("add", "Concept")
    monkeypatch.setenv("TRACKER_USER", "h.lange")
    shell.done("start", "1")
    first, second = shell.json("log")
    assert set(first) >= {"seq", "at", "who", "label", "edits"}
    assert (first["seq"], first["who"], first["label"]) == (1, "k.brandt", "Added: 1 Concept")
    assert first["at"].startswith("2026-11-23T12:00")
    (edit,) = second["edits"]
    assert (edit["table"], edit["id"]) == ("tasks", 1)
    assert (edit["before"]["state"], edit["after"]["state"]) == ("todo", "doing")
    assert [record["seq"] for record in shell.json("log", "--who", "h.lange")] == [2]
    assert [record["seq"] for record in shell.json("log", "--since", "today")] == [1, 2]
    assert shell.json("log", "--since", "2026-11-24") == []
    assert shell.done("log").splitlines()[1].split("\t")[2:] == ["h.lange", "Started: 1 Concept"]
    assert "is not a date" in shell.refused("log", "--since", "someday")
    for words in (["task:1"], ["#1"], ["who:lange", "Vorgang:1", "started"]):
        assert [record["seq"] for record in shell.json("log", *words)][-1] == 2
    assert shell.json("log", "task:2") == shell.json("log", "task:" + "9" * 5_000) == []


def test_undo_takes_back_ones_own_or_somebodys(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_USER", "k.brandt")
    shell.done("add", "Concept")
    monkeypatch.setenv("TRACKER_USER", "h.lange")
    assert "h.lange has nothing to undo" in shell.refused("undo")
    said = shell.json("undo", "--who", "k.brandt")
    assert {"seq": 2, "label": "Undo: Added: 1 Concept"}.items() <= said.items()
    assert shell.json("redo")["seq"] == 3
    assert "h.lange has nothing to redo" in shell.refused("redo")


def test_undo_says_what_went_and_how_it_comes_back(shell: Shell) -> None:
    shell.done("import", str(DATA / "umzug-erp.csv"))
    count = len(shell.json("list"))
    said = shell.done("undo").splitlines()
    assert said[0].startswith("Undo: ")
    call = f"tracker --file {shell.file}"
    assert said[1] == f"{count} tasks removed; `{call} redo` restores it."
    assert shell.json("list") == []
    said = shell.done("redo").splitlines()
    assert said[1] == f"{count} tasks added; `{call} undo` reverts it again."
    shell.done("reopen", "1")
    assert shell.done("undo").splitlines()[1].startswith("1 task changed; ")


# --- lists in and out


def test_what_a_list_has_beside_its_tasks_is_news_that_an_update_takes_and_names(
    shell: Shell, tmp_path: Path
) -> None:
    shell.done("add", "Alpha")
    plan = tmp_path / "beside.json"
    shell.done("export", str(plan))
    document = json.loads(plan.read_text())
    baseline = {"id": 1, "name": "Plan 1", "taken": "2026-11-02T09:00:00Z", "plan": []}
    document |= {
        "people": [{"id": 1, "login": "neu"}],
        "baselines": [baseline],
        "filters": [{"id": 1, "name": "Late", "query": "state:late"}],
    }
    plan.write_text(json.dumps(document))
    asked = shell("import", "--update", str(plan))
    assert (asked.code, shell.json("person")) == (REFUSED, [])
    assert asked.err.startswith("Nothing was imported. --yes imports what")
    done = shell.done("import", "--update", str(plan), "--yes")
    for said in ("New person: neu", "New baseline: Plan 1", "New filter: Late"):
        assert said in asked.out
        assert said in done
    assert [person["login"] for person in shell.json("person")] == ["neu"]
    assert "Plan 1" in shell.done("baseline", "list")
    again = shell("import", "--update", str(plan), "--yes")
    assert "contains nothing new" in again.err
    assert "New" not in again.out


@pytest.mark.parametrize("renamed", [("department", "Netz"), ("project", "Move")])
def test_a_list_is_known_again_after_something_in_it_was_renamed(
    shell: Shell, tmp_path: Path, renamed: tuple[str, str]
) -> None:
    plan = tmp_path / "list.csv"
    plan.write_text("Title,Department,Project\nAlpha,Netz,Move\nBeta,Netz,Move\n")
    shell.done("import", str(plan))
    shell.done(*renamed, "--rename", "Umbenannt")
    assert "2 of the 2 tasks" in shell.refused("import", str(plan))
    report = shell.json("import", str(plan), "--new")
    assert (report["tasks"], report["new_names"]) == (0, [])
    assert len(shell.json("list")) == 2


def test_what_was_edited_by_hand_and_adopted_is_not_put_back_by_a_list(
    shell: Shell, tmp_path: Path
) -> None:
    plan = tmp_path / "list.csv"
    plan.write_text("Title,Due\nAlpha,2026-12-01\n")
    shell.done("import", str(plan))
    checkpoint = shell.file.read_text()
    assert "2026-12-01" in checkpoint
    shell.file.write_text(checkpoint.replace("2026-12-01", "2026-12-10"))
    shell.done("check", "--repair")
    [row] = shell.json("import", str(plan), "--update", "--yes")["rows"]
    assert [each["changed"] for each in row["differences"]] == ["here"]
    assert "2026-12-10" in shell.done("list")


def test_what_comes_through_a_pipe_is_imported(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def piped(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    piped(b"Vorgang;Abteilung\nKonzept;Netz\n")
    assert "Imported 1 task, 0 arrows" in shell.done("import", "-")
    piped(b'[{"title": "Umzug"}]')
    report = shell.json("import", "-", "--format", "json")
    assert (report["tasks"], report["approximated"], report["format"]) == (1, [], "")
    piped(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "MSProject".encode("utf-16-le"))
    assert "save it as Microsoft Project XML" in shell.refused("import", "-")
    shell.misused("import", "-", "--format", "none")


def test_a_pipe_is_read_to_its_end_however_it_was_left(shell: Shell) -> None:
    end, begin = os.pipe()
    os.set_blocking(end, False)
    call = [sys.executable, "-m", "tracker", "--file", str(shell.file), "import", "-"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    os.write(begin, b"Title\nA\n")
    with subprocess.Popen(call, stdin=end, stdout=subprocess.PIPE, env=env) as run:
        while not os.get_blocking(end) and run.poll() is None:
            time.sleep(0.01)
        os.write(begin, b"B\n")
        os.close(begin)
        assert run.stdout
        assert run.stdout.read().startswith(b"Imported 2 tasks")
    os.close(end)


def test_an_import_is_reported(shell: Shell) -> None:
    tried = shell.json("import", str(DATA / "umzug-erp.xlsx"), "--dry-run")
    assert set(tried) == {
        "tasks",
        "links",
        "already",
        "updated",
        "returned",
        "dropped",
        "deleted",
        "new_names",
        "returns",
        "columns",
        "skipped",
        "warnings",
        "approximated",
        "format",
    }
    assert shell.json("list") == []
    assert shell.json("import", str(DATA / "umzug-erp.xlsx")) == tried
    assert {"from", "to", "row", "why"} == set(tried["returns"][0])
    assert {"row", "place", "why"} == set(tried["skipped"][0])
    assert {"row", "place", "column", "value", "why"} == set(tried["warnings"][0])
    assert len(shell.json("list")) == tried["tasks"]
    shell.file = shell.file.with_name("other.json")
    page = shell.done("import", str(DATA / "umzug-erp.csv"), "--project", "ERP")
    assert page.startswith(f"Imported {tried['tasks']} tasks, ")
    assert "Arrows turned into returns:" in page
    assert "  row 4: 14 ⇢ 3: " in page
    assert {task["project"] for task in shell.json("list")} == {"ERP"}


def test_a_list_that_is_here_already_is_refused(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("Vorgang\nKonzept\nTest")
    shell.done("import", str(file))
    assert "2 of the 2 tasks in plan.csv are already here." in shell.refused("import", str(file))
    file.write_text("Vorgang\nKonzept\nTest\nUmzug")
    assert "Imported 1 task, 0 arrows" in shell.done("import", str(file), "--new")
    assert shell.json("import", str(file), "--twice")["already"] == 3
    assert len(shell.json("list")) == 6
    shell.misused("import", str(file), "--twice", "--new")


V1 = "Nr;Aufgabe;Abteilung;Fällig\n1;Abnahme;Netz;2026-12-01\n2;Abnahme;RZ;2026-12-02\n"
V2 = V1.replace("12-01", "12-03").replace("12-02", "12-04") + "3;Umzug;RZ;\n"


def test_a_new_version_is_compared_and_taken_over_as_chosen(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(V1)
    shell.done("import", str(file))
    shell.done("edit", "2", "due=2026-12-05")
    file.write_text(V2)
    asked = shell("import", "--update", str(file))
    assert asked.code == REFUSED
    assert "row 2: 1 Abnahme\n    Due: 2026-12-01 → 2026-12-03\n" in asked.out
    assert "here 2026-12-05, in the list 2026-12-04 (both changed)" in asked.out
    assert asked.err.startswith("Nothing was imported. --yes imports what changed only in the list")
    assert [task["due"] for task in shell.json("list")] == ["2026-12-01", "2026-12-05"]
    tried = shell("import", "--update", str(file), "--yes", "--dry-run", "--json")
    taken = shell("import", "--update", str(file), "--yes", "--json")
    assert (tried.code, tried.json) == (taken.code, taken.json)
    assert taken.code == REFUSED
    assert "1 row is undecided; --rows 3 imports it." in taken.err
    assert [task["due"] for task in shell.json("list")] == ["2026-12-03", "2026-12-05", None]
    shell.done("import", "--update", str(file), "--rows", "3")
    assert shell.json("show", "2")["due"] == "2026-12-04"
    assert "contains nothing new" in shell("import", "--update", str(file)).err
    file.write_text(V1)
    without = shell("import", "--update", str(file), "--dry-run")
    assert "1 task is no longer in the list" in without.out
    assert without.code == REFUSED
    assert without.err.startswith("Exit status 1, as nothing is chosen yet: --yes chooses")
    assert "--gone drop drops the tasks" in without.err
    shell("import", "--update", str(file), "--gone", "drop")
    assert shell.json("show", "3")["state"] == "dropped"
    shell.misused("import", str(file), "--yes")


def test_remarks_on_rows_are_told_before_these_are_taken(shell: Shell, tmp_path: Path) -> None:
    head, first = "Nr;Aufgabe;Dauer;Priorität\n", "1;Abnahme;1/2/3;hoch\n2;Bau;1/2/3;hoch\n"
    file = tmp_path / "plan.csv"
    file.write_text(head + first)
    shell.done("import", str(file))
    file.write_text(head + "1;Abnahme;1/5/3;hoch\n2;Bau;1/2/3;purple\n3;Umzug;2/9/3;hoch\n")
    for options in ((), ("--yes", "--dry-run")):
        warned = shell("import", "--update", str(file), *options, "--json").json["warnings"]
        assert {warning["row"] for warning in warned} == {0, 2, 3, 4}
        assert "purple" in shell("import", "--update", str(file), *options).out
    chosen = shell("import", "--update", str(file), "--rows", "4", "--dry-run", "--json")
    assert {warning["row"] for warning in chosen.json["warnings"]} == {0, 4}
    new = shell("import", "--new", str(file), "--dry-run", "--json")
    assert {warning["row"] for warning in new.json["warnings"]} == {0, 4}


def test_a_trial_refuses_what_the_import_refuses(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(V1)
    shell.done("import", str(file))
    assert shell("import", str(file)) == shell("import", str(file), "--dry-run")


def test_a_second_task_of_that_title_is_not_lost(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("Nr;Aufgabe;Abteilung;Vorgänger\n1;Abnahme;Netz;\n2;Abnahme;RZ;\n")
    shell.done("import", str(file))
    more = "3;Go-live;RZ;2\n4;Abnahme;Buero;1\n"
    file.write_text(file.read_text().replace("RZ;\n", "RZ;1\n") + more)
    told = shell.done("import", "--new", str(file))
    assert "row 3: Already here as task 2; unchanged, although the list differs: " in told
    tasks = {t["id"]: (t["department"], [n["id"] for n in t["needs"]]) for t in shell.json("list")}
    assert tasks == {1: ("Netz", []), 2: ("RZ", []), 3: ("RZ", [2]), 4: ("Buero", [1])}


def test_columns_are_given_and_remembered_for_the_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("Nr;Vorgang;Termin FB\n1;x;2026-12-01\n2;y;2026-12-02\n")
    given = ("import", str(file), "--map", "Termin FB=due")
    shell.done(*given, "--dry-run")
    assert shell.json("import", str(file), "--dry-run")["columns"][2]["field"] is None
    told = shell.done(*given)
    assert "  Termin FB  Due" in told
    again = shell.json("import", str(file), "--twice")
    assert again["columns"][2]["field"] == "due"
    assert "no column" in shell.refused("import", str(file), "--map", "Ende=due")


def test_a_repeating_task_returns_when_it_is_done(shell: Shell) -> None:
    day = ("--today", "2026-01-31")
    shell.done("add", "Zertifikat every:1m due:2026-01-31", *day)
    assert "repeats as 2, 2026-02-28" in shell.done("done", "1", *day)
    shell.done("done", "2", "--today", "2026-03-02")
    due = {task["id"]: (task["state"], task["due"]) for task in shell.json("list")}
    assert due[3] == ("todo", "2026-03-31")
    assert "every month, on day 31" in shell.done("show", "3")
    shell.done("undo")
    assert set(due) - {task["id"] for task in shell.json("list")} == {3}
    shell.done("add", 'Protokoll every:"after 2 weeks"')
    assert "repeats as 5, 2026-12-07" in shell.done("done", "4")


def test_scripts_read_what_a_repeating_task_returned_as(shell: Shell) -> None:
    for text in ("Log every:1m due:2026-12-31", "Once", "Backup every:1w due:2026-12-01"):
        shell.done("add", text)
    assert shell.json("done", "3", "2", "1", "1") == [
        {"id": 3, "state": "done", "returned_as": 4},
        {"id": 2, "state": "done"},
        {"id": 1, "state": "done", "returned_as": 5},
    ]


def test_an_import_that_cannot_be_read_is_refused(shell: Shell, tmp_path: Path) -> None:
    assert "none.csv" in shell.refused("import", str(tmp_path / "none.csv"))
    (tmp_path / "list.docx").write_text("x", "utf-8")
    assert "its ending" in shell.refused("import", str(tmp_path / "list.docx"))


def test_a_dry_run_creates_no_workspace(shell: Shell, tmp_path: Path) -> None:
    file = str(tmp_path / "none.json")
    words = ("import", str(DATA / "umzug-erp.csv"), "--dry-run", "--file", file)
    assert shell.bare(*words).code == DONE
    assert not Path(file).exists()


def test_what_is_handed_out_is_taken_in_again(loop: Shell, tmp_path: Path) -> None:
    for ending in ("json", "csv"):
        target = tmp_path / f"out.{ending}"
        told = loop.json("export", str(target))
        assert (told["file"], told["format"], told["tasks"]) == (str(target), ending, 4)
        assert "already" in loop.refused("export", str(target))
        loop.done("export", str(target), "--force")
        again = tmp_path / f"again-{ending}.json"
        assert loop.bare("import", str(target), "--file", str(again), "--json").json["tasks"] == 4
        told = loop.bare("list", "--json", "--file", str(again)).json
        assert [task["title"] for task in told] == [t["title"] for t in loop.json("list")]
    assert "its ending" in loop.refused("export", str(tmp_path / "out.docx"))


def test_a_record_is_put_into_words_once_however_many_are_looked_for(
    loop: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    worded: list[int] = []
    real = edit_words.edits

    def counted(ws: Workspace, record: Record) -> str:
        worded.append(record.seq)
        return real(ws, record)

    monkeypatch.setattr(edit_words, "edits", counted)
    loop("log", " ".join(f"word{n}" for n in range(50)))
    assert len(worded) == len({*worded}) > 0


def test_the_demo_is_a_fresh_copy_apart_from_real_data(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    words = ("--today", "2026-11-23", "demo", "--json")
    file = shell.bare(*words).json["file"]
    assert file == str(tmp_path / "data" / "tracker" / "demo" / "demo.json")
    before = shell.bare("list", "--json", "--file", file).json
    assert len(before) > 30
    shell.bare("delete", "1", "--file", file)
    told = shell.bare(*words)
    kept = file.replace("demo.json", "demo-1.json")
    assert told.err == f"The demo project was changed; that copy is kept as {kept}.\n"
    assert len(shell.bare("list", "--json", "--file", kept).json) == len(before) - 1
    assert shell.bare("check", "--file", kept).out == f"{kept} is intact.\n"
    assert shell.bare("list", "--json", "--file", file).json == before
    assert shell.bare(*words).err == "", "nobody has changed it"
    Path(file).write_text("{}")
    assert "demo-2.json" in shell.bare(*words).err
    assert shell.bare("list", "--json", "--file", file).json == before
    assert "terminal" in shell.bare("demo").err
    own = str(tmp_path / "own.json")
    said = shell.bare("demo", "--no-screen", "--file", own)
    assert (said.code, said.out) == (DONE, f"The demo project is at {own}\n")
    assert shell.bare("demo", "--no-screen", "--file", own).code == REFUSED


def test_a_demo_that_somebody_is_changing_is_not_taken_away(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(file_lock, "PATIENCE", 0.01)
    words = ("--today", "2026-11-23", "demo", "--no-screen")
    assert shell.bare(*words).code == DONE
    with closing(Store.open(config.demo_file(), who="bob")) as store, store.lock("bob"):
        told = shell.bare(*words)
        assert (told.code, "being changed by bob" in told.err) == (REFUSED, True)
        assert store.catch_up() == []
    assert shell.bare(*words).code == DONE


def test_the_demo_leaves_the_backups_of_what_was_at_its_place(shell: Shell, tmp_path: Path) -> None:
    backup = tmp_path / "own.kept" / "2026-11-22.json"
    backup.parent.mkdir()
    backup.write_text("mine")
    own = str(tmp_path / "own.json")
    assert shell.bare("demo", "--no-screen", "--file", own).code == DONE
    assert backup.read_text() == "mine"
    assert shell.bare("check", "--file", own).code == DONE


# --- integrity


def test_check_tells_whether_the_files_are_sound(loop: Shell) -> None:
    assert loop.json("check") == {"sound": True, "findings": [], "repaired": []}
    assert "is intact" in loop.done("check")
    log = loop.file.with_suffix(".log")
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 1
    log.write_bytes(data)
    said = loop("check", "--json")
    assert said.code == REFUSED
    assert said.json["sound"] is False
    assert all(set(finding) == {"text", "grave"} for finding in said.json["findings"])
    assert "--repair" in loop("check").err
    repaired = loop.json("check", "--repair")
    assert repaired["sound"]
    assert repaired["repaired"]
    assert loop("list").code == DONE


@pytest.mark.parametrize("how", ["", "--json"])
@pytest.mark.parametrize(
    ("error", "then"),
    [
        (Refused("No."), "tracker: No.\n"),
        (KeyboardInterrupt(), "tracker: Interrupted, but it was already done.\n"),
    ],
)
def test_a_repair_is_told_whatever_becomes_of_the_look_after_it(
    loop: Shell,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    then: str,
    how: str,
) -> None:
    loop.file.unlink()
    monkeypatch.setattr("tracker.store.check.check", Mock(side_effect=error))
    assert main(["--file", str(loop.file), "check", "--repair", *how.split()]) != DONE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"{loop.file.name} was missing and has been rebuilt.\n{then}"


def test_files_of_others_are_refused_by_name(shell: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"tasks": 3}')
    said = shell.bare("list", "--file", str(other))
    assert said.code == REFUSED
    assert "other.json" in said.err
    assert other.read_text() == '{"tasks": 3}'


# --- words that do not fit


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("lst",), "Did you mean list?"),
        (("plan.jsn",), "neither a command nor a file"),
        (("list", "--foo"), "--foo"),
        (("--foo", "list"), "--foo"),
        (("show",), "ID"),
        (("show", "one"), "'one' is not a task number"),
        (("start", "1,x"), "is not a task number"),
        (("add",), "LINE"),
        (("edit", "1"), "FIELD=VALUE"),
        (("edit", "1", "due"), "is not an assignment"),
        (("completion", "tcsh"), "tcsh"),
        (("--today", "someday", "list"), "is not a date such as 2026-12-01"),
        (("list", "--today", "someday"), "is not a date such as 2026-12-01"),
        (("--lang", "fr", "list"), "fr"),
        (("--json",), "--json needs a command"),
        (("import",), "FILE"),
        (("list", "--file"), "--file"),
        (("prophesy",), "neither a command nor a file prophesy"),
    ],
)
def test_words_that_do_not_fit_are_usage(shell: Shell, words: tuple[str, ...], reason: str) -> None:
    assert reason in shell.misused(*words)


def test_a_file_where_a_call_is_expected_is_opened(shell: Shell) -> None:
    for name in (str(shell.file), str(shell.file.with_suffix(""))):
        said = shell.bare(name)
        assert said.code == REFUSED
        assert "terminal" in said.err


def test_help_and_version_are_no_errors(shell: Shell) -> None:
    assert shell.bare("--version").out.startswith("tracker 0.")
    page = shell.bare("--help")
    assert page.code == DONE
    for name, call in CALLS.items():
        assert re.search(rf"\n  {name} +{re.escape(call.help)}\n", page.out)
    for name in CALLS:
        said = shell.bare(name, "--help")
        assert (said.code, said.err) == (DONE, "")
        assert f"tracker {name}" in said.out.splitlines()[0]


def test_parts_of_days_are_written_as_the_language_does(shell: Shell) -> None:
    for line in ("Konzept ~0.5/1/2.25", "Bau ~1 after:1+0.5 back:1:10%"):
        shell.done("add", line)
    page = shell.done("show", "1", "--lang", "de")
    assert "0,5/1/2,25 Arbeitstage" in page
    assert "+0,5 Tage Abstand" in page
    assert "0.5/1/2.25 working days" in shell.done("show", "1")
    shell.done("edit", "1", "estimate=0.5")
    shell.done("start", "1")
    shell.done("done", "1")
    shell.done("start", "2")
    said = shell.done("back", "2", "--to", "1", "--preview", "--lang", "de")
    assert "1,5 Arbeitstage Nacharbeit" in said


def test_refusals_come_in_german(shell: Shell) -> None:
    shell.done("add", "Konzept")
    shell.done("done", "1")
    assert "1 Konzept ist bereits im Status „erledigt“" in shell.refused(
        "--lang", "de", "done", "1"
    )
    assert "1 Konzept ist bereits im Status „erledigt“" in shell.refused("done", "1", "--lang=de")
    english, german = shell.misused("show", "one"), shell.misused("show", "one", "--lang", "de")
    assert english.splitlines()[1] != german.splitlines()[1]


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in CALLS)])
def test_help_comes_in_german(shell: Shell, words: list[str]) -> None:
    english, german = shell.bare(*words).out, shell.bare("--lang", "de", *words).out
    for heading in ("usage:", "options:", "positional arguments:", "Options for every command:"):
        assert heading not in german
    assert len(english.split("\n\n")) == len(german.split("\n\n"))


@pytest.mark.parametrize(
    "words",
    [["--help"], ["--changelog"], ["help", "de"], *(["completion", name] for name in SHELLS)],
)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_pages_need_no_letters_that_the_locale_does_not_know(
    monkeypatch: pytest.MonkeyPatch, encoding: str, words: list[str]
) -> None:
    page = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(page, encoding))
    assert main(words) == DONE
    assert len(page.getvalue().splitlines()) > 20


def test_interrupting_is_quiet(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupt)
    assert shell("list") == (130, "", "")


# --- as a program


Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def program(loop: Shell) -> Program:
    """The program itself on the plan of `loop`."""

    def run(*words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "TRACKER_FILE": str(loop.file), "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, "-m", "tracker", *words],
            env=environment | dict(env or {}),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_program_leaves_with_its_code(program: Program) -> None:
    assert program("list", "--json").returncode == DONE
    assert program("done", "1").returncode == REFUSED
    assert program("lst").returncode == USAGE


def test_a_reader_that_goes_away_is_no_error(loop: Shell) -> None:
    assert in_shell(loop, "log --json | true") == (DONE, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_told(loop: Shell) -> None:
    assert in_shell(loop, "list >/dev/full") == (REFUSED, "tracker: No space left on device\n")
    told = (
        "tracker: Done, but what this command prints could not be written: No space left on device"
    )
    for call in ("add Neu", "add Neuer --json", "undo"):
        assert in_shell(loop, f"{call} >/dev/full") == (DONE, f"{told}\n")
    assert in_shell(loop, "done 99 >/dev/full")[0] == REFUSED
    code, both = in_shell(loop, "done 3 99 >/dev/full")
    assert (code, both.endswith(f"{told}\n")) == (REFUSED, True)
    assert "Neu" in loop.done("list")
    assert "Neuer" not in loop.done("list")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
@pytest.mark.parametrize(
    "call",
    [
        "export {}/made.csv",
        "report {}/made.md",
        "init {}/made.json",
        "copy {}/plan.json {}/made.json",
        "--file {}/made.json demo --no-screen",
    ],
)
def test_a_file_that_is_written_is_no_refusal_whatever_can_be_printed(
    loop: Shell, call: str
) -> None:
    code, told = in_shell(loop, f"{call.replace('{}', str(loop.file.parent))} >/dev/full")
    assert told.endswith(
        "Done, but what this command prints could not be written: No space left on device\n"
    )
    assert code == DONE
    assert [*loop.file.parent.glob("made.*")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
@pytest.mark.parametrize("notes", ["/dev/full", "/dev/full >/dev/full"])
def test_what_is_said_besides_may_find_no_room(loop: Shell, notes: str) -> None:
    printed = loop.file.parent / "printed.txt"
    for call, code, result in (
        ("add --new Neu @Neuland", DONE, "Added: 5 Neu\n"),
        ("done 3 99", REFUSED, "Done: 3 Acceptance\n"),
        (
            f"export {loop.file.parent}/made.csv",
            DONE,
            f"{loop.file.parent}/made.csv: 5 tasks written\n",
        ),
        ("done 99", REFUSED, ""),
        ("lst", USAGE, ""),
    ):
        assert in_shell(loop, f"{call} >{printed} 2>{notes}")[0] == code, call
        assert printed.read_text() == ("" if ">" in notes else result)


def test_a_repair_is_told_by_its_exit_code_whatever_can_be_printed(loop: Shell) -> None:
    journal = loop.file.with_suffix(".log")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([lines[0], b"spoilt\n", *lines[2:]]))
    loop.file.unlink()
    assert in_shell(loop, "check --repair >/dev/full")[0] == DONE
    assert loop.done("check").endswith("is intact.\n")


def test_a_zone_that_no_clock_knows_is_told(loop: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as zone:
        zone.setenv("TZ", "Foo99")
        time.tzset()
        told = loop.refused("list")
    time.tzset()
    assert told.startswith("tracker: TZ is Foo99, which is not a usable time zone.")
    assert loop.done("list")


def test_a_folder_that_was_removed_is_told(loop: Shell) -> None:
    gone = loop.file.parent / "gone"
    for call in ("--file rel.json list", "init plan"):
        code, told = in_shell(
            loop,
            f"list >/dev/null; mkdir -p {gone} && cd {gone} && rmdir {gone}"
            f" && {sys.executable} -m tracker {call}",
        )
        assert (code, told) == (
            REFUSED,
            "tracker: The folder you are in was removed; change to another one.\n",
        )


@pytest.mark.parametrize("presses", [1, 2])
def test_an_interruption_says_whether_the_change_was_made(
    loop: Shell, monkeypatch: pytest.MonkeyPatch, presses: int
) -> None:
    synced, left = os.fdatasync, [signal.SIGINT] * presses

    def interrupted(file: int) -> None:
        while left:
            signal.raise_signal(left.pop())
        synced(file)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as disk:
            disk.setattr(os, "fdatasync", interrupted)
            said = loop("add", "Nachtrag")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert said.code == cli.INTERRUPTED
    assert said.out == ""
    done = "Nachtrag" in loop.done("list")
    assert said.err == ("tracker: Interrupted, but it was already done.\n" if done else "")
    assert done == (presses == 1)


# A process in the background may have been told to ignore interruptions.
_INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def test_an_interruption_waits_for_what_is_being_loaded() -> None:
    # Extension modules that are interrupted then may take the process with them.
    script = _INTERRUPTIBLE + (
        "import os, runpy, sys\n"
        "class Impatient:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'tracker.cli.call': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Impatient()); sys.argv = ['tracker', '--help']\n"
        "runpy.run_module('tracker', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (cli.INTERRUPTED, "", "")


def test_an_interruption_waits_for_the_first_extension_module() -> None:
    script = _INTERRUPTIBLE + (
        "import os, sys\n"
        "class Impatient:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'msgspec._core': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Impatient())\n"
        "try: import tracker\n"
        "except KeyboardInterrupt: print('msgspec._core' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_a_refusal_is_one_whatever_can_be_printed(loop: Shell) -> None:
    loop.done("edit", "3", "due=2026-11-20")
    code, told = in_shell(loop, "--today 2026-11-23 replan >&-")
    assert "Nothing was changed" in told
    assert told.endswith("tracker: Bad file descriptor\n")
    assert code == REFUSED


@pytest.mark.parametrize("call", ["list", "forecast", "check", "--help", "--version"])
def test_closed_streams_are_told_and_no_file_takes_their_place(loop: Shell, call: str) -> None:
    assert in_shell(loop, f"{call} <&-")[0] == DONE
    assert in_shell(loop, f"{call} 2>&-") == (DONE, "")
    code, told = in_shell(loop, f"{call} >&-")
    assert code == REFUSED
    assert told.endswith("tracker: Bad file descriptor\n")
    assert in_shell(loop, f"{call} <&- >&- 2>&-") == (REFUSED, "")


def test_a_change_is_made_whatever_is_closed(loop: Shell) -> None:
    assert in_shell(loop, "add Neu <&- >&- 2>&-") == (DONE, "")
    assert "Neu" in loop.done("list")
    assert in_shell(loop, "import - <&-")[0] == REFUSED
    assert loop.done("check").endswith("is intact.\n")


def test_a_change_is_made_whoever_stops_reading(loop: Shell) -> None:
    for call, code in (("add Neu", DONE), ("list", cli.CUT_OFF)):
        end, start = os.pipe()
        os.close(end)
        run = subprocess.run(
            [sys.executable, "-m", "tracker", "--file", str(loop.file), *call.split()],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=start,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(start)
        assert (run.returncode, run.stderr) == (code, b"")
    assert "Neu" in loop.done("list")


@pytest.mark.parametrize("name", ["", " \n", "\udcff", "\x1b\x07"])
def test_a_name_that_is_none_gives_way_to_the_login(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("TRACKER_USER", raising=False)
    login = config.who()
    monkeypatch.setenv("TRACKER_USER", name)
    assert config.who() == login


@pytest.mark.parametrize(
    "call", [("Netz", "--delete"), ("Netz", "--rename", "Netze"), ("Netz", "--merge-into", "IT")]
)
def test_what_takes_away_from_a_workspace_makes_none(
    loop: Shell, tmp_path: Path, call: tuple[str, ...]
) -> None:
    file = tmp_path / "mistyped.json"
    said = loop.bare("--file", str(file), "department", *call)
    assert (said.code, "There is no workspace at" in said.err) == (REFUSED, True)
    assert not file.exists()


def test_what_is_not_there_is_looked_for_in_the_list(loop: Shell) -> None:
    told = "There is no task 99; `:list`, or `tracker --file"
    assert told in loop.refused("done", "99")


def test_a_link_that_leads_nowhere_is_no_workspace(loop: Shell, tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "share" / "plan.json")
    assert "There is no workspace at" in loop.bare("--file", str(link), "list").err
    assert not [*(tmp_path / "share").iterdir()]
    said = loop.bare("--file", str(link), "add", "Concept")
    assert (said.code, said.err) == (DONE, f"New workspace: {link}\n")
    assert loop.bare("--file", str(link), "list").out.startswith("1\t")


def test_a_folder_that_is_a_file_is_named(loop: Shell) -> None:
    beyond = str(loop.file / "sub" / "plan.json")
    for call in (
        ("--file", beyond, "add", "X"),
        ("init", beyond),
        ("copy", str(loop.file), beyond),
    ):
        assert loop.bare(*call).err == (
            f"tracker: {loop.file} is not a folder: nothing was changed. Name a file in a folder.\n"
        )


def test_a_name_is_one_line_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_USER", " k.\nbrandt\x1b[31m ")
    assert config.who() == "k. brandt [31m"
    monkeypatch.setenv("TRACKER_USER", "ä" * 100_000)
    assert config.who() == "ä" * 256


@pytest.mark.parametrize("home", [None, "", "here"])
def test_without_a_home_nothing_is_put_where_one_happens_to_be(
    monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    def unknown(user: int) -> None:
        raise KeyError(user)

    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "TRACKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("HOME") if home is None else monkeypatch.setenv("HOME", home)
    assert config.default_file().startswith(f"{pwd.getpwuid(os.getuid()).pw_dir}/.local/share/")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert config.default_file() == "/nonexistent/.local/share/tracker/tracker.json"
    assert config.load() == config.Config()


def in_shell(loop: Shell, call: str) -> tuple[int, str]:
    """Call the program by a shell, which may close what it reads and writes."""
    run = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m tracker --file {loop.file} {call}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stderr


def test_a_last_checkpoint_that_fails_is_told_and_nothing_is_lost(
    loop: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        # The journal, which may begin anew, has still had room.
        if "/plan.json" in os.readlink(f"/proc/self/fd/{file}"):
            raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        said = loop("add", "Nachtrag")
    assert (said.code, said.out) == (DONE, "Added: 5 Nachtrag\n")
    assert said.err.startswith("plan.json could not be updated. Nothing is lost")
    assert "Nachtrag" in loop.done("list")


SLOW = {
    *(
        "textual",
        "rich",
        "numpy",
        "networkx",
        "pendulum",
        "holidays",
        "openpyxl",
        "asyncio",
        "psycopg",
    ),
    *("importlib.metadata", "filelock", "platformdirs", "pathlib", "shutil", "subprocess"),
    *("tinydb", "inspect", "typing_extensions"),
}


QUICK = (
    ["list"],
    ["add", "Test"],
    ["done", "3"],
    ["list", "is:open"],
    ["loops"],
    ["back", "3", "--to", "1", "--why", "no"],
)


@pytest.mark.parametrize("words", QUICK)
def test_a_call_imports_nothing_that_makes_it_slow(loop: Shell, words: list[str]) -> None:
    program = (
        "import sys; before = set(sys.modules); from tracker.cli import main\n"
        f"code = main(['--file', {str(loop.file)!r}, *{words!r}])\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr); sys.exit(code)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == DONE, run.stderr
    assert SLOW.isdisjoint(run.stderr.split())


def test_a_terminal_gets_a_table_that_fits(loop: Shell) -> None:
    loop.done("edit", "1", "title=An 東京 concept " + "that goes on and on " * 10)
    with Terminal(["--file", str(loop.file), "list"], columns=60, rows=10) as terminal:
        terminal.wait_end()
        lines = terminal.text.splitlines()
        raw = terminal.raw.decode()
    lines = [line for line in lines if line]
    assert len(lines) == 5
    assert all(len(line.rstrip()) <= 60 for line in lines)
    assert lines[1].rstrip().endswith("…")
    assert {line.index(text) for line, text in zip(lines[2:], ("Build", "Acc", "Man"), strict=True)}
    assert "\x1b[32mdone" in raw


def test_colours_can_be_left_out(loop: Shell) -> None:
    for words, env in (((), {"NO_COLOR": "1"}), (("--no-color",), {})):
        call = ["--file", str(loop.file), "list", *words]
        with Terminal(call, columns=60, rows=10, env=env) as terminal:
            terminal.wait_end()
            assert b"\x1b" not in terminal.raw


def test_json_acts_on_no_terminal_of_another_encoding(loop: Shell) -> None:
    title = "Ǜ2J ❛31m \x7f 😀"
    loop.done("edit", "1", f"title={title}")
    call = ["--file", str(loop.file), "show", "1", "--json"]
    with Terminal(call, columns=200, env={"LANG": "de_DE.ISO-8859-1"}) as terminal:
        terminal.wait_end()
        raw = terminal.raw.decode("ascii")
    assert "\x7f" not in raw
    assert json.loads(raw)["title"] == title
    assert "Ǜ2J ❛31m" in loop.done("show", "1", "--json", "--ascii")


# --- completion


def test_completion_is_generated_for_every_shell(shell: Shell) -> None:
    for name in SHELLS:
        script = shell.bare("completion", name).out
        for call in CALLS:
            assert call in script
            for action in (*call_parser(call).options, *call_parser(call).places):
                for option in action.option_strings:
                    assert option.lstrip("-") in script


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_understands_its_completion(shell: Shell, tmp_path: Path, name: str) -> None:
    needs.program(name)
    script = tmp_path / "completion"
    script.write_text(shell.bare("completion", name).out, "utf-8")
    run = subprocess.run([name, "-n", script], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["lo"], {"load", "loops", "log"}),
        (["show", ""], {"1", "2", "3", "4"}),
        (["back", "3", "--to", ""], {"1", "2", "3", "4"}),
        (["back", "3", "--pre"], {"--preview"}),
        (["system", "ERP", "d"], {"degraded", "down"}),
        (["--file", "x", "comp"], {"completion"}),
        (["completion", "z"], {"zsh"}),
        (["edit", "1", "du"], {"due="}),
        (["wait", "1", "--for", ""], set()),
    ],
)
def test_bash_completes(loop: Shell, tmp_path: Path, words: list[str], offered: set[str]) -> None:
    needs.program("bash")
    script = tmp_path / "completion"
    script.write_text(loop.bare("completion", "bash").out, "utf-8")
    typed = " ".join(f"'{word}'" for word in ("tracker", *words))
    run = subprocess.run(
        [
            "bash",
            "-c",
            f'tracker() {{ {sys.executable} -m tracker --file {loop.file} "$@"; }}\n'
            f"compopt() {{ :; }}\nsource {script}\nCOMP_WORDS=({typed}); COMP_CWORD={len(words)}\n"
            '_tracker; printf "%s\\n" "${COMPREPLY[@]}"',
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.stderr == ""
    assert {word for word in run.stdout.split("\n") if word} == offered


def test_what_is_done_before_what_it_needs_is_told(shell: Shell) -> None:
    for line in ("Concept", "Build after:1", "Test after:2"):
        shell.done("add", line)
    said = shell("done", "2")
    assert said.code == DONE
    assert "2 Build needs 1 Concept, which is still open." in said.err
    assert shell.json("done", "3") == {"id": 3, "state": "done"}
    shell.done("reopen", "2,3")
    assert shell.json("done", "3")["open_predecessors"] == [2]
    assert not shell("done", "1", "2").err


def test_help_is_a_command(shell: Shell) -> None:
    assert shell.bare("help").out == shell.bare("--help").out
    assert shell.bare("help", "zurück").out == shell.bare("back", "--help").out
    assert shell.bare("help", "de").out.startswith("# tracker: Handbuch\n")
    said = shell.bare("help", "bakc")
    assert (said.code, "Did you mean back?" in said.err) == (USAGE, True)


@pytest.mark.parametrize("kind", ["dumb", ""])
def test_a_terminal_without_a_cursor_is_refused(loop: Shell, kind: str) -> None:
    with Terminal(["--file", str(loop.file)], env={"TERM": kind}) as terminal:
        terminal.wait_end()
        said = "".join(terminal.text.split())
    assert terminal.status == REFUSED
    assert f"TERMis{kind or '–'}.`tracker--file{loop.file}list`printsthetasks" in said


def test_calls_are_quoted_as_they_can_be_typed(loop: Shell, tmp_path: Path) -> None:
    odd = tmp_path / "Plan B's.json"
    loop.file.rename(odd)
    loop.file.with_suffix(".log").unlink()
    odd.write_bytes(odd.read_bytes().replace(b"Concept", b"concept"))
    for place in (["--file", str(odd)], [f"--file={odd}"]):
        said = loop.bare(*place, "list")
        (call,) = re.findall(r"`tracker (.*--repair)`", said.err)
        words = shlex.split(call)
        assert words == ["--file", str(odd), "check", "--repair"]
    assert loop.bare(*words).code == DONE
    assert loop.bare(*words[:2], "list").code == DONE
    for address, shown in (
        ("postgresql://anna:secret@localhost:1/db", "postgresql://anna@localhost:1/db"),
        ("host=localhost dbname=db", "'host=localhost dbname=db'"),
    ):
        said = loop.bare("--db", address, "archive")
        assert said.code == USAGE
        assert f"`tracker --db {shown} archive NAME`" in said.err


@pytest.mark.parametrize(
    "address",
    [
        "smb://server/share/plan.json",
        "file:///home/ada/plan.json",
        "HTTPS://host/plan",
        " postgresql://host/plans",
        "server:/srv/plan.json",
        "C:/plans/plan.json",
        "C:\\plans\\plan.json",
    ],
)
def test_an_address_is_no_path(
    loop: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for words in (
        ("--file", address, "add", "A"),
        ("init", address),
        ("copy", str(loop.file), address),
    ):
        said = loop.bare(*words)
        assert (said.code, f"{address} is an address" in said.err) == (REFUSED, True), words
    assert not list(here.iterdir())


def test_a_folder_may_be_called_like_a_drive(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "C:").mkdir()
    shell.bare("--file", "C:/plan.json", "add", "A")
    shell.bare("--file", "./D:/plan.json", "add", "A")
    assert (tmp_path / "C:" / "plan.json").is_file()
    assert (tmp_path / "D:" / "plan.json").is_file()


def test_a_call_is_quoted_with_a_path_that_looks_like_part_of_a_template(
    shell: Shell, tmp_path: Path
) -> None:
    for name in ("plan {seq}.json", "{}.json", "a=b.json"):
        path = str(tmp_path / name)
        place = ["--file", path]
        shell.bare(*place, "init")
        (call,) = re.findall(r"`tracker (.*) add`", shell.bare(*place, "list").err)
        assert shlex.split(call) == place
        shell.bare(*place, "add", "A")
        with open(path.replace(".json", ".log"), "r+b") as journal:
            journal.write(b"x")
        (call,) = re.findall(r"`tracker ([^`]*) check --repair`", shell.bare(*place, "list").err)
        assert shlex.split(call) == place


def test_calls_that_are_quoted_name_the_place_it_is_about(
    loop: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}")
    told = loop.refused("copy", str(other), str(tmp_path / "new.json"))
    assert f"`tracker --file {other} check --repair`" in told
    said: list[str] = []

    def screen(_context: object, *, tutorial: bool) -> int:
        assert tutorial
        said.append(language._("`tracker undo` reverts this."))
        return DONE

    monkeypatch.setattr(file_calls, "_need_terminal", lambda: None)
    monkeypatch.setattr(file_calls, "open_screen", screen)
    assert loop.bare("demo").code == DONE
    assert said == [f"`tracker --file {config.demo_file()} undo` reverts this."]


def test_a_list_is_imported_where_it_is_no_workspace(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("Title\nA\n")
    with Terminal([str(listed)]) as terminal:
        terminal.wait_end()
        said = "".join(terminal.text.split())
    assert terminal.status == REFUSED
    assert said.endswith(f"isnotaworkspace;`trackerimport{listed}`importsalist.")


def test_follow_ups_say_for_whom_since_when_and_when_to_ask(shell: Shell) -> None:
    shell.done("add", "Contract @Purchasing who:r.adamek")
    shell.done("add", "Licences")
    assert "Nothing is waiting for anybody." in shell.done("follow-ups")
    shell.done("wait", "1", "--for", "supplier", "--until", "2026-11-20")
    shell.done("wait", "2", "--for", "a call")
    first, second = shell.json("follow-ups")
    assert first == {
        "id": 1,
        "title": "Contract",
        "department": "Purchasing",
        "assignee": "r.adamek",
        "waiting_for": "supplier",
        "since": "2026-11-23T12:00:00Z",
        "follow_up": "2026-11-20",
        "days": 3,
    }
    assert (second["id"], second["follow_up"], second["days"]) == (2, None, None)
    assert [each["id"] for each in shell.json("follow-ups", "--project", "none")] == [1, 2]
    told = shell.done("follow-ups")
    assert "Fri 20 Nov · since today · supplier" in told
    assert told.index("Ask now") < told.index("Without a follow-up date")


def test_hand_overs_are_listed_by_pairs_of_departments(shell: Shell) -> None:
    assert "Nothing is handed over" in shell.done("hand-overs")
    shell.done("add", "Build @Development")
    shell.done("add", "Test @Operations after:1")
    shell.done("done", "1")
    (pair,) = shell.json("hand-overs")
    assert (pair["from"], pair["to"], pair["oldest_days"]) == ("Development", "Operations", 0)
    assert pair["tasks"] == [{"id": 2, "since": "2026-11-23T12:00:00Z"}]
    assert "Development → Operations" in shell.done("hand-overs")


@pytest.mark.parametrize("ending", ["xlsx", "json"])
@pytest.mark.parametrize("there", ["edit 2 notes={n}", "edit 1 notes={n}", "add Neu{n}"])
def test_an_export_of_a_copy_that_has_gone_on_puts_back_nothing_that_was_changed_here(
    shell: Shell, tmp_path: Path, ending: str, there: str
) -> None:
    def at(file: Path, *words: str) -> str:
        said = shell.bare("--file", str(file), *words)  # by the clock: no day is one moment
        assert said.code == DONE, said.err
        return said.out

    here, copy, exported = shell.file, tmp_path / "copy.json", tmp_path / f"there.{ending}"
    at(here, "add", "Eins due:1.2.2027")
    at(here, "add", "Zwei")
    at(here, "copy", str(here), str(copy))
    at(here, "edit", "1", "due=2027-01-15")
    at(here, "link", "1", "2")
    for n in range(6):
        at(copy, *there.format(n=n).split(" ", 2))
    at(copy, "export", str(exported))
    at(here, "import", str(exported), "--update", "--yes")
    told = at(here, "show", "1")
    assert "Due  15 Jan 2027 · 2027-01-15" in told
    assert "Successors\n  ⊘ 2 Zwei" in told


@pytest.mark.parametrize("ending", ["xlsx", "json"])
def test_an_export_puts_back_nothing_that_was_changed_since_by_a_clock_that_is_behind(
    shell: Shell, tmp_path: Path, ending: str
) -> None:
    exported = str(tmp_path / f"before.{ending}")
    shell.done("add", "Konzept due:1.12.2027")
    shell.done("export", exported)
    earlier = ("--file", str(shell.file), "--today", "2026-11-20")
    assert shell.bare(*earlier, "edit", "1", "due=24.12.2027").code == DONE
    assert "contains nothing new" in shell("import", exported, "--update", "--yes").err
    assert [task["due"] for task in shell.json("list")] == ["2027-12-24"]


@pytest.mark.parametrize("ending", ["xlsx", "json"])
def test_an_export_of_a_copy_is_known_also_where_no_task_of_it_was_changed(
    shell: Shell, tmp_path: Path, ending: str
) -> None:
    here, copy, exported = shell.file, tmp_path / "copy.json", tmp_path / f"there.{ending}"

    def at(file: Path, *words: str) -> None:
        assert shell.bare("--file", str(file), *words).code == DONE

    at(here, "department", "Netz", "--new")
    for words in ("Eins @Netz", "Zwei", "Drei"):
        at(here, "add", words)
    at(here, "copy", str(here), str(copy))
    at(here, "link", "1", "2")
    at(here, "delete", "3")
    at(here, "department", "Netz", "--rename", "Netze")
    for n in range(3):
        at(copy, "department", f"Recht{n}", "--new")
    at(copy, "export", str(exported))
    shell.bare("--file", str(here), "import", str(exported), "--update", "--yes")
    assert [task["title"] for task in shell.json("list")] == ["Eins", "Zwei"]
    assert [task["department"] for task in shell.json("list")] == ["Netze", None]
    assert [need["id"] for need in shell.json("show", "2")["needs"]] == [1]


@pytest.mark.parametrize("ending", ["xlsx", "json", "csv"])
@pytest.mark.parametrize(
    "meanwhile",
    [
        ("done 1", "delete 1"),  # what follows it has its title
        ("delete 1", "add Eins due:1.3.2027"),
        ("edit 1 title=Anders", "delete 1", "add Eins due:1.3.2027"),
        ("edit 1 dept=Netz --new", "delete 1"),
        ("edit 1 proj=",),
        ("edit 1 proj=Neu --new", "edit 1 proj="),
    ],
)
def test_an_export_takes_no_task_for_one_that_was_deleted_and_knows_what_was_moved(
    shell: Shell, tmp_path: Path, ending: str, meanwhile: tuple[str, ...]
) -> None:
    exported = tmp_path / f"out.{ending}"
    shell.done("add", "Eins @DBA proj:CLOUD every:month due:1.2.2027", "--new")
    shell.done("add", "Zwei")
    shell.done("export", str(exported))
    for call in meanwhile:
        word, _, rest = call.partition(" ")
        shell.done(word, *([rest] if word == "add" else rest.split()))
    before = shell.json("list")
    told = shell.json("import", str(exported), "--update", "--yes")
    assert [row["title"] for row in told["rows"] if row["taken"]] == []
    assert shell.json("list") == before


@pytest.mark.parametrize("ending", ["xlsx", "json", "csv"])
@pytest.mark.parametrize("title", ["Lizenzen kaufen @IT", "Kabel verteilen"])
def test_a_task_of_a_copy_is_not_the_one_that_has_its_number_here(
    shell: Shell, tmp_path: Path, ending: str, title: str
) -> None:
    def there(*words: str) -> None:
        assert shell.bare("--file", str(tmp_path / "copy.json"), *words).code == DONE

    exported = tmp_path / f"out.{ending}"
    shell.done("add", "Konzept @IT due:1.2.2027", "--new")
    shell.done("copy", str(shell.file), str(tmp_path / "copy.json"))
    shell.done("add", "Kabel verlegen @IT due:5.2.2027 #bau", "--new")
    shell.done("edit", "1", "due=2027-02-09")
    there("add", title)
    there("edit", "1", "due=2027-02-16")
    there("export", str(exported))
    before = shell.json("list")
    told = json.loads(shell("--json", "import", str(exported), "--update", "--yes").out)
    assert [row["undecided"] for row in told["rows"]] == [True, True]
    assert shell.json("list") == before


def test_a_row_whose_task_is_a_guess_is_named_with_both_ways(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("Title,Department\nKonzept,Netz\nAbnahme,Netz\n")
    shell.done("import", str(file))
    file.write_text("Title,Department\nKonzepte,Netz\nAbnahme,Netz\n")
    taken = shell("import", "--update", str(file), "--yes")
    assert taken.code == REFUSED
    assert taken.err == (
        "Whether 1 row is that of the task beside it is a guess: --rows 2 changes that task,"
        " --rows 2=new imports the row as a new one.\n"
    )
    shell.done("import", "--update", str(file), "--rows", "2=new")
    assert [task["title"] for task in shell.json("list")] == ["Konzept", "Abnahme", "Konzepte"]


def test_what_yes_leaves_is_named_with_its_way_also_where_it_is_all(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("Title,Due,Notes\nKonzept,2026-12-05,eins\n")
    shell.done("import", str(file))
    file.write_text("Title,Due,Notes\nKonzept,2026-12-05,eins\nUmzug,2026")
    taken = shell("import", "--update", str(file), "--yes")
    assert taken.code == REFUSED
    assert taken.err == "1 row is undecided; --rows 3 imports it.\n"
    assert len(shell.json("list")) == 1


def test_a_row_added_to_an_export_is_not_the_task_that_was_added_here_since(
    shell: Shell, tmp_path: Path
) -> None:
    exported = tmp_path / "out.xlsx"
    shell.done("add", "Konzept @IT", "--new")
    shell.done("export", str(exported))
    book = openpyxl.load_workbook(exported)
    sheet = book.worksheets[0]
    row = {cell.value: cell.column for cell in sheet[1]}
    for name, value in (("id", 2), ("title", "Lizenzen kaufen"), ("department", "IT")):
        sheet.cell(3, row[name], value)
    book.save(exported)
    shell.done("add", "Kabel verlegen @IT due:5.2.2027 #bau", "--new")
    before = shell.json("list")
    shell.done("import", str(exported), "--update", "--yes")
    after = shell.json("list")
    assert (after[:2], [task["title"] for task in after[2:]]) == (before, ["Lizenzen kaufen"])


@pytest.mark.parametrize("ending", ["xml", "ics", "taskwarrior.json"])
def test_a_value_emptied_here_and_changed_in_an_export_is_asked_about(
    shell: Shell, tmp_path: Path, ending: str
) -> None:
    exported = tmp_path / f"out.{ending}"
    shell.done("add", "Konzept due:1.2.2027")
    shell.done("export", str(exported))
    shell.done("edit", "1", "due=")
    text = exported.read_text(encoding="utf-8")
    exported.write_text(
        text.replace("2027-02-01", "2027-02-09").replace("20270201", "20270209"), encoding="utf-8"
    )
    told = json.loads(shell("--json", "import", str(exported), "--update", "--yes").out)
    (due,) = (each for each in told["rows"][0]["differences"] if each["field"] == "due")
    assert (due["there"], due["changed"], due["taken"]) == ("2027-02-09", "unknown", False)
    assert shell.json("show", "1")["due"] is None


def test_what_was_given_up_since_an_export_does_not_come_back_with_what_has_changed_in_it(
    shell: Shell, tmp_path: Path
) -> None:
    exported = tmp_path / "before.json"
    shell.done("add", "Eins due:1.2.2027")
    for name in ("Mai", "Juni"):
        shell.done("baseline", "take", name)
    shell.done("department", "Alt", "--new")
    shell.done("person", "karl", "--new")
    shell.done("person", "karl", "department=Alt")
    shell.done("export", str(exported))
    shell.done("baseline", "rename", "Mai", "Plan Mai")
    shell.done("baseline", "delete", "Juni")
    shell.done("person", "karl", "--delete")
    shell.done("department", "Alt", "--delete")
    told = shell.done("import", str(exported), "--update", "--yes")
    assert "New baseline" not in told
    exported.write_bytes(exported.read_bytes().replace(b"2027-02-01", b"2027-02-02"))
    told = shell.done("import", str(exported), "--update", "--yes")
    assert "Juni: Deleted or renamed here; not brought back." in told
    assert [task["due"] for task in shell.json("list")] == ["2027-02-02"]
    assert [each["name"] for each in shell.json("baseline")] == ["Plan Mai"]
    assert (shell.json("person"), shell.json("department")) == ([], [])
