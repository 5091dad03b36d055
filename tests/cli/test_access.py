"""Who may look and write, what is laid in the way, and what happens when the disk says no."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from tests.terminal import Terminal
from tests.tui.terminal.test_terminal import tracker

ANNA, BOB, STRANGER, TEAM = 40001, 40002, 40003, 40100
# What is imported late is imported before the rights to the interpreter's folder are given up.
AS_SOMEBODY = """
import os, sys, tempfile
from tracker.cli import main
file, uid, gid, umask, *words = sys.argv[1:]
said = os.dup(1), os.dup(2)
null = os.open(os.devnull, os.O_WRONLY)
os.dup2(null, 1), os.dup2(null, 2)
with tempfile.TemporaryDirectory() as scratch:
    for call in ["init"], ["add", "x"], ["check"], ["?"], words, ["list"]:
        main(["--file", scratch + "/scratch.json", *call])
os.chdir("/")
os.umask(int(umask, 8))
os.setgroups([int(gid)]), os.setgid(int(gid)), os.setuid(int(uid))
os.dup2(said[0], 1), os.dup2(said[1], 2)
sys.exit(main(["--file", file, *words]))
"""
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root may act as several people")


def run(file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tracker", "--file", str(file), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def as_user(
    uid: int, gid: int, file: Path, *words: str, umask: str = "022"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY, str(file), str(uid), str(gid), umask, *words],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TRACKER_USER": str(uid),
            "HOME": tempfile.gettempdir(),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder to which everybody finds the way."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


# --- who


@root_only
@pytest.mark.parametrize("umask", ["000", "077"])
def test_a_group_works_together_and_strangers_stay_out(open_folder: Path, umask: str) -> None:
    team = open_folder / "team"
    team.mkdir()
    os.chown(team, ANNA, TEAM)
    team.chmod(0o2770)
    file = team / "plan" / "erp.json"
    said = as_user(ANNA, TEAM, file, "init", "--shared", umask=umask)
    assert said.returncode == 0, said.stderr
    for turn, person in enumerate((ANNA, BOB, ANNA, BOB), start=1):
        said = as_user(person, TEAM, file, "add", f"von {person}", umask=umask)
        assert said.stdout == f"Added: {turn} von {person}\n", said.stderr
    assert len(as_user(BOB, TEAM, file, "list").stdout.splitlines()) == 4
    for words in (["list"], ["add", "heimlich"], ["check"]):
        said = as_user(STRANGER, STRANGER, file, *words)
        assert (said.returncode, said.stdout) == (1, "")
        assert str(team) in said.stderr
        assert "ask its owner" in said.stderr
    # Whoever finds the way to the folder still cannot look into the files.
    team.chmod(0o2775)
    (team / "plan").chmod(0o2775)
    said = as_user(STRANGER, STRANGER, file, "list")
    assert (said.returncode, said.stdout) == (1, "")
    owner = file.stat().st_uid
    told = f"tracker: You have no permission to read {file}; ask {owner}, its owner.\n"
    assert said.stderr == told
    for found in (team / "plan").iterdir():
        assert stat.S_IMODE(found.stat().st_mode) == 0o660, found
        assert found.stat().st_gid == TEAM


@root_only
def test_a_folder_that_is_not_for_a_group_is_not_shared(open_folder: Path) -> None:
    mine = open_folder / "mine"
    mine.mkdir(mode=0o755)
    os.chown(mine, ANNA, TEAM)
    said = as_user(ANNA, TEAM, mine / "erp.json", "init", "--shared")
    assert said.returncode == 1
    assert f"{mine} is not set up for a group: run `chmod 2770` on it" in said.stderr
    assert not list(mine.iterdir())
    mine.chmod(0o2770)
    assert as_user(ANNA, TEAM, mine / "erp.json", "init", "--shared").returncode == 0
    assert as_user(BOB, TEAM, mine / "erp.json", "add", "Konzept").returncode == 0


@root_only
def test_nobody_else_is_let_in_unless_asked_for(open_folder: Path) -> None:
    everybodys = open_folder / "everybodys"
    everybodys.mkdir()
    everybodys.chmod(0o777)
    file = everybodys / "erp.json"
    assert as_user(ANNA, TEAM, file, "add", "Konzept", umask="000").returncode == 0
    for found in everybodys.iterdir():
        assert stat.S_IMODE(found.stat().st_mode) == 0o600, found
    said = as_user(BOB, TEAM, file, "list")
    told = f"tracker: You have no permission to read {file}; ask {ANNA}, its owner.\n"
    assert said.stderr == told
    assert as_user(BOB, TEAM, file, "add", "mehr").returncode == 1


@root_only
def test_who_may_only_read_may_read(open_folder: Path) -> None:
    file = open_folder / "erp.json"
    assert run(file, "add", "Konzept").returncode == 0
    for found in open_folder.iterdir():
        found.chmod(0o644)
    before = {found.name: found.read_bytes() for found in open_folder.iterdir()}
    said = as_user(STRANGER, STRANGER, file, "list")
    assert (said.returncode, said.stderr) == (0, "")
    assert "Konzept" in said.stdout
    said = as_user(STRANGER, STRANGER, file, "add", "mehr")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == (
        "tracker: You have no permission to write to erp.json: nothing was changed. Ask its"
        " owner.\n"
    )
    assert {found.name: found.read_bytes() for found in open_folder.iterdir()} == before


# --- what is laid in the way


@pytest.mark.parametrize("name", ["erp.log", "erp.lock"])
def test_a_link_in_the_place_of_a_file_is_named(tmp_path: Path, name: str) -> None:
    file, victim = tmp_path / "erp.json", tmp_path / "victim"
    assert run(file, "init").returncode == 0
    victim.write_text("precious")
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to(victim)
    said = run(file, "add", "Konzept")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(
        f"tracker: {tmp_path / name} is a symbolic link where a file is expected"
    )
    assert victim.read_text() == "precious"


def test_links_in_the_place_of_new_files_and_of_what_is_kept_are_not_followed(
    tmp_path: Path,
) -> None:
    file, elsewhere = tmp_path / "erp.json", tmp_path / "elsewhere"
    elsewhere.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    assert run(file, "add", "Konzept").returncode == 0
    (tmp_path / "erp.kept").symlink_to(elsewhere)
    with (tmp_path / "erp.log").open("ab") as journal:
        journal.write(b'{"torn')
    said = run(file, "add", "Bauen")
    assert said.returncode == 1
    assert f"{tmp_path / 'erp.kept'} is a symbolic link where a file is expected" in said.stderr
    assert not list(elsewhere.iterdir())
    (tmp_path / "erp.kept").unlink()
    # The names of drafts can be guessed: process and thread.
    script = (
        "import os, sys, threading; from tracker.cli import main\n"
        f"draft = '{file}.%d-%d.tmp' % (os.getpid(), threading.get_ident())\n"
        f"os.symlink({str(victim)!r}, draft)\n"
        f"sys.exit(main(['--file', {str(file)!r}, 'add', 'Bauen']))"
    )
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert victim.read_text() == "precious"
    assert not file.is_symlink()
    assert len(tracker(file, "list").splitlines()) == 2


# --- the disk says no


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    call = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(call, capture_output=True).returncode != 0:
        pytest.skip("a file system can be mounted here by nobody")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    with (disk / "filling").open("wb", buffering=0) as file:
        for size in (4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def test_a_full_disk_leaves_the_old_state_and_says_so(small_disk: Path) -> None:
    file = small_disk / "erp.json"
    assert run(file, "add", "Konzept").returncode == 0
    fill(small_disk)
    before = {name.name: name.read_bytes() for name in small_disk.iterdir()}
    said = run(file, "add", "x" * 5000)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == (
        "tracker: The disk is full: nothing was changed in erp.json. Free some space and try"
        " again.\n"
    )
    after = {name.name: name.read_bytes() for name in small_disk.iterdir()}
    assert {**before, "erp.lock": b""} == {**after, "erp.lock": b""}
    said = run(file, "list")
    assert (said.returncode, said.stderr) == (0, "")
    (small_disk / "filling").unlink()
    assert run(file, "add", "Bauen").returncode == 0


def screen(file: Path) -> Terminal:
    terminal = Terminal(["--file", str(file)], env={"TEXTUAL_ANIMATIONS": "none"})
    terminal.wait_for(r"\[2 Board\]")
    return terminal


LONG = "Bauen mit einem langen Titel " * 150


@pytest.mark.parametrize("trouble", ["full", "gone"])
def test_what_the_disk_refuses_stays_typed_on_the_screen(small_disk: Path, trouble: str) -> None:
    folder = small_disk / "plan"
    file = folder / "erp.json"
    assert run(file, "add", "Konzept").returncode == 0
    with screen(file) as terminal:
        terminal.press("a")
        terminal.wait_for("New task")
        if trouble == "full":
            fill(small_disk)
        else:
            folder.rename(small_disk / "away")
        terminal.press("\x1b[200~" + LONG + "\x1b[201~", "enter")
        terminal.wait_for({"full": "disk is full", "gone": "was removed"}[trouble], 10)
        assert "langen Titel" in terminal.text
        if trouble == "full":
            (small_disk / "filling").unlink()
        else:
            (small_disk / "away").rename(folder)
        terminal.press("enter")
        terminal.wait_for("Added: 2 Bauen", 10)
        terminal.press("\x11")
        assert terminal.wait_end() == 0
    assert LONG.strip() in tracker(file, "list", "--json")


def test_a_file_system_that_may_only_be_read_is_told_on_the_screen(small_disk: Path) -> None:
    file = small_disk / "erp.json"
    assert run(file, "add", "Konzept").returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with screen(file) as terminal:
        terminal.press("a")
        terminal.wait_for("New task")
        terminal.press("Bauen", "enter")
        terminal.wait_for(r"You have no permission to write to erp\.json: nothing was changed")
        assert "Bauen" in terminal.text
        terminal.press("escape", "\x11")
        assert terminal.wait_end() == 0
    said = run(file, "add", "Bauen")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(
        "tracker: You have no permission to write to erp.json: nothing was changed"
    )
    assert run(file, "list").stdout.count("Konzept") == 1
