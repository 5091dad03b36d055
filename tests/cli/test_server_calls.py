"""Workspaces on a database server, as the shell reaches them."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.store.postgres import Server, demanding, encrypting, locked_key
from tests.terminal import Terminal
from tracker import shutdown
from tracker.cli import SIGNALLED, main
from tracker.cli.call import DONE, REFUSED, USAGE
from tracker.store.address import Address


class Shell:
    """Calls the program on a workspace on a server."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str, code: int = DONE) -> str:
        """Call it, and return what it says: the result, or why there is none."""
        assert main(["--today", "2026-11-27", *words]) == code, self._capsys.readouterr()
        said = self._capsys.readouterr()
        return said.err if code else said.out

    def json(self, *words: str) -> Any:
        """Call it as a script would."""
        return json.loads(self(*words, "--json"))


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def test_the_demo_moves_to_a_server_is_worked_on_by_two_and_moves_back(
    shell: Shell, place: Address, tmp_path: Path
) -> None:
    anna, name = place.server, place.workspace + "-demo"
    bob = anna.replace("anna@", "bob@")
    file, back = str(tmp_path / "demo.json"), str(tmp_path / "back.json")
    shell("--file", file, "demo", "--no-screen")
    tasks = shell.json("--file", file, "list")
    copied = shell.json("copy", file, f"{anna}#{name}")
    assert (copied["to"], copied["tasks"]) == (f"{anna}#{name}", len(tasks))
    assert shell.json("--db", anna, "--file", name, "list") == tasks
    assert "There is no workspace" in shell("--db", f"{bob}#{name}", "list", code=REFUSED)
    told = shell("--db", f"{anna}#{name}", "member", "add", "bob", "--as", "writer")
    assert told == "bob is now a member: writer.\n"
    assert shell.json("--db", f"{anna}#{name}", "member", "list") == [
        {"login": "anna", "level": "owner"},
        {"login": "bob", "level": "writer"},
    ]
    number = shell.json("--db", f"{bob}#{name}", "add", "Lasttest @Operations")["id"]
    shell("--db", f"{anna}#{name}", "done", str(number))
    log = shell.json("--db", f"{anna}#{name}", "log")
    assert [each["who"] for each in log[-2:]] == ["bob", "anna"]
    assert shell.json("--db", f"{anna}#{name}", "undo")["seq"] == log[-1]["seq"] + 1
    assert shell.json("--db", f"{bob}#{name}", "show", str(number))["state"] == "todo"
    assert shell.json("--db", f"{anna}#{name}", "check")["sound"]
    assert "both ends are the same" in shell("copy", f"{bob}#{name}", back)
    there = shell.json("--db", f"{anna}#{name}", "log")
    assert shell.json("--file", back, "log") == there
    assert len(shell.json("--file", back, "list")) == len(tasks) + 1
    assert shell.json("--file", back, "check")["sound"]
    assert "already" in shell("copy", f"{bob}#{name}", back, code=REFUSED)
    told = shell("--db", f"{anna}#{name}", "member", "remove", "bob")
    assert told == "bob is no longer a member.\n"
    assert "There is no workspace" in shell("--db", f"{bob}#{name}", "list", code=REFUSED)


def test_workspaces_are_made_listed_put_away_and_taken_up_again(
    shell: Shell, place: Address
) -> None:
    server, name = place.server, place.workspace + " neu"
    assert "up to date" in shell("--db", server.replace("anna@", "keeper@"), "setup")
    assert shell("--db", server, "init", name) == f"New workspace: {server}#{name}\n"
    assert "already a workspace" in shell("--db", server, "init", name, code=REFUSED)
    assert "needs a name" in shell("--db", server, "init", code=USAGE)
    listed = {each["name"]: each for each in shell.json("--db", server, "list-workspaces")}
    assert listed[name]["records"] == 0
    assert (listed[name]["level"], listed[name]["archived"]) == ("owner", None)
    assert shell("--db", server, "archive", name) == f"{name} is archived.\n"
    assert "is archived" in shell("--db", server, "--file", name, "add", "x", code=REFUSED)
    row = f"{name}\t0\towner\tarchived\n"
    assert row in shell("--db", server, "list-workspaces")
    assert shell("--db", server, "archive", name, "--restore") == f"{name} is active again.\n"
    assert "name the workspace" in shell("--db", server, "archive", code=USAGE)
    assert "choose one with #NAME" in shell("--db", server, "list", code=REFUSED)


def test_the_address_may_come_from_the_environment_or_the_settings(
    shell: Shell, place: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = f"{place.server}#{place.workspace}"
    shell("--db", whole, "add", "Konzept")
    monkeypatch.setenv("TRACKER_DB", whole)
    assert shell("list", "--json").count("Konzept") == 1
    # A file is a file, whatever database is known; a name alone is that of a workspace there.
    shell("--file", str(tmp_path / "here.json"), "init")
    assert shell.json("--file", str(tmp_path / "here.json"), "list") == []
    assert "There is no workspace nix" in shell("--file", "nix", "list", code=REFUSED)
    monkeypatch.delenv("TRACKER_DB")
    settings = tmp_path / "config.toml"
    settings.write_text(f'db = "{whole}"\n')
    monkeypatch.setenv("TRACKER_CONFIG", str(settings))
    assert shell("list", "--json").count("Konzept") == 1
    monkeypatch.setenv("TRACKER_FILE", str(tmp_path / "here.json"))
    assert shell.json("list") == []
    words = ("--db", place.server, "--file", "x.json", "list")
    assert "exclude each other" in shell(*words, code=USAGE)


def test_an_address_is_that_of_a_server_wherever_a_file_is_expected(
    shell: Shell, place: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    whole, new = f"{place.server}#{place.workspace}", f"{place.server}#{place.workspace}-new"
    shell("--file", whole, "add", "Konzept")
    assert shell("init", new) == f"New workspace: {new}\n"
    assert "already a workspace" in shell("--file", new, "init", code=REFUSED)
    assert "is on a server" in shell("--file", whole, "demo", "--no-screen", code=REFUSED)
    assert "exclude each other" in shell("--db", place.server, "--file", whole, "list", code=USAGE)
    monkeypatch.setenv("TRACKER_FILE", whole)
    assert [each["title"] for each in shell.json("list")] == ["Konzept"]
    monkeypatch.delenv("TRACKER_FILE")
    settings = tmp_path / "config.toml"
    settings.write_text(f'file = "{whole}"\n')
    monkeypatch.setenv("TRACKER_CONFIG", str(settings))
    assert [each["title"] for each in shell.json("list")] == ["Konzept"]
    assert sorted(tmp_path.iterdir()) == [settings]


def test_who_one_is_comes_from_the_server_and_a_name_that_does_not_count_is_told(
    shell: Shell,
    place: Address,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRACKER_USER", "boss")
    whole = f"{place.server}#{place.workspace}"
    assert main(["--db", whole, "add", "Konzept who:me"]) == DONE
    assert "changes are recorded as anna" in capsys.readouterr().err
    assert shell.json("--db", whole, "log")[-1]["who"] == "anna"
    assert shell.json("--db", whole, "list", "who:me")[0]["assignee"] == "anna"
    assert len(shell.json("--db", whole, "list", "--mine")) == 1


def test_what_is_about_files_and_what_is_about_servers_is_told_apart(
    shell: Shell, place: Address, tmp_path: Path
) -> None:
    whole = f"{place.server}#{place.workspace}"
    assert "needs a database server" in shell("member", "list", code=REFUSED)
    assert "needs a database server" in shell("setup", code=REFUSED)
    assert "The demo project is a file" in shell("--db", whole, "demo", code=REFUSED)
    assert "--shared is for files" in shell("--db", place.server, "init", "x", "--shared", code=2)
    for words in (("add", "bob"), ("remove",), ("list", "bob"), ("remove", "bob", "--as", "owner")):
        shell("--db", whole, "member", *words, code=USAGE)
    old, new = str(tmp_path / "a.json"), str(tmp_path / "b.json")
    assert "no workspace at" in shell("copy", old, new, code=REFUSED)


def test_damage_is_told_and_refused(shell: Shell, place: Address, postgres: Server) -> None:
    whole = f"{place.server}#{place.workspace}"
    shell("--db", whole, "add", "Konzept")
    with postgres.superuser("plans") as root:
        root.execute(
            "UPDATE tracker.entity e SET doc = '{}' FROM tracker.workspace w"
            " WHERE w.id = e.workspace AND w.name = %s",
            (place.workspace,),
        )
    assert "check --repair`" in shell("--db", whole, "check", code=REFUSED)
    assert "rebuilt from its history" in shell("--db", whole, "check", "--repair")
    assert shell.json("--db", whole, "check")["sound"]


def test_a_password_in_the_address_is_told_off_and_never_shown(
    place: Address, capsys: pytest.CaptureFixture[str]
) -> None:
    told = place.server.replace("anna@", "anna:geheim@")
    for words in (("list",), ("list-workspaces",), ("init", place.workspace), ("check",)):
        main(["--db", f"{told}#{place.workspace}", *words])
        said = capsys.readouterr()
        assert "~/.pgpass" in said.err
        assert "geheim" not in said.err + said.out


def asked(
    call: list[str],
    environment: dict[str, str],
    *typed: bytes,
    question: bytes = b"Password for",
) -> tuple[int, bytes]:
    """Call it on a terminal, type this each time that is asked; return code and all shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(call[0], call, environment)
    shown = b""
    try:
        for each in typed:
            before = len(shown)
            while question not in shown[before:] or not shown.endswith(b": "):
                assert select.select([terminal], [], [], 20)[0], f"it is not asked for: {shown!r}"
                shown += os.read(terminal, 1000)
            os.write(terminal, each)
        with suppress(OSError):  # how a terminal ends
            while part := os.read(terminal, 1000):
                shown += part
    finally:
        os.close(terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, shown


def test_the_passphrase_of_a_key_is_asked_for_once(tmp_path: Path) -> None:
    certificate, key = locked_key(tmp_path, "geheim")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    with encrypting(certificate, key, "geheim") as port:
        place = f"host=127.0.0.1 port={port} sslcert={certificate} sslkey={key}"
        call = [sys.executable, "-m", "tracker", "--db", place, "list"]
        for typed, told in (
            (b"geheim\n", b"cannot be reached"),
            (b"\n", b"needs the passphrase of"),
        ):
            ended, shown = asked(call, environment, typed, question=f"Passphrase of {key}".encode())
            assert ended == REFUSED
            assert told in shown
            assert shown.count(b"Passphrase of") == 1
            for never in (b"geheim", b"private key", b"PEM"):
                assert never not in shown


@pytest.mark.parametrize("number", shutdown.ENDING)
def test_a_signal_at_the_password_leaves_the_terminal_as_it_was(number: signal.Signals) -> None:
    with demanding() as place, Terminal(["--db", place, "list-workspaces"]) as terminal:
        terminal.wait_for("Password for")
        assert not echoes(terminal)
        os.kill(terminal.pid, number)
        assert terminal.wait_end() == SIGNALLED + number
        assert echoes(terminal)


def echoes(terminal: Terminal) -> bool:
    return bool(termios.tcgetattr(terminal._master)[3] & termios.ECHO)


def test_who_sleeps_at_the_password_leaves_the_terminal_as_it_was_and_asks_anew() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    with demanding() as place:
        call = [sys.executable, "-m", "tracker", "--db", place, "list-workspaces"]
        shell = ["sh", "-c", 'set -m; "$@"; stty -a; fg', "sh", *call]
        ended, shown = asked(shell, environment, b"\x1a", b"\x04")
    assert ended == REFUSED
    assert shown.count(b"Password for") == 2
    assert b" echo " in shown


def test_files_of_libpq_are_named_in_letters_the_locale_does_not_know(postgres: Server) -> None:
    place = postgres.url("anna") + "?passfile=/nowhere/%C3%A4&sslkey=/nowhere/%C3%A4"
    ascii = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **ascii}
    call = [sys.executable, "-m", "tracker", "--db", place, "list-workspaces"]
    ended = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == DONE, ended.stderr


def test_a_password_is_asked_for_without_an_echo(postgres: Server) -> None:
    with postgres.superuser() as root:
        root.execute("CREATE ROLE asked LOGIN PASSWORD 'geheim'")
        access = postgres.data / "pg_hba.conf"
        access.write_text("host all asked 127.0.0.1/32 scram-sha-256\n" + access.read_text())
        root.execute("SELECT pg_reload_conf()")
    hostile = postgres.url("asked") + "?application_name=\x1b]0;x\x07\u202e"
    call = [sys.executable, "-m", "tracker", "--db", hostile, "list-workspaces"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    silent = subprocess.run(
        call, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert silent.returncode == REFUSED
    assert "asks for a password" in silent.stderr
    for typed, code, told in (
        (b"geheim\n", DONE, b"There is no workspace here for you"),
        (b"\n", REFUSED, b"asks for a password"),
        (b"\x04", REFUSED, b"asks for a password"),
        (b"geh\xefm\n", REFUSED, b"asks for a password"),
    ):
        ended, shown = asked(call, environment, typed)
        assert ended == code, shown
        assert told in shown
        for never in (b"geh", b"\x1b", "\u202e".encode()):
            assert never not in shown
