"""Who has a workspace open, as the others see it."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tracker.store import files
from tracker.store.presence import Presence

HOLD = """
import sys, time
from tracker.store.presence import Presence
here = Presence(sys.argv[1], "carla")
print("here", flush=True)
time.sleep(60)
"""


def test_the_others_are_seen_and_not_oneself(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    anna, bob = Presence(file, "anna"), Presence(file, "bob")
    assert anna.others() == ["bob"]
    assert bob.others() == ["anna"]
    bob.close()
    assert anna.others() == []
    anna.close()
    assert os.listdir(tmp_path / "plan.kept") == []


def test_whoever_was_killed_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    anna = Presence(file, "anna")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as carla:
        assert carla.stdout is not None
        assert carla.stdout.readline() == "here\n"
        assert anna.others() == ["carla"]
        carla.kill()
        carla.wait()
    assert anna.others() == []
    anna.close()


def test_where_no_sign_can_be_set_nobody_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "plan.kept").write_text("a file where the folder should be")
    anna = Presence(tmp_path / "plan.json", "anna")
    assert anna.others() == []
    anna.close()


def test_a_link_laid_as_a_sign_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    anna = Presence(tmp_path / "plan.json", "anna")
    (tmp_path / "plan.kept" / "here-1-1f.lock").symlink_to(victim)
    with victim.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert anna.others() == []
    anna.close()


def test_the_sign_is_for_its_owner_alone(tmp_path: Path) -> None:
    anna = Presence(tmp_path / "plan.json", "anna")
    (sign,) = (tmp_path / "plan.kept").iterdir()
    assert sign.stat().st_mode & 0o777 == 0o600
    anna.close()


def test_a_linked_folder_is_left_alone(tmp_path: Path) -> None:
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "here-1-1f.lock").write_text("somebody else's")
    (tmp_path / "plan.kept").symlink_to(strange)
    anna = Presence(tmp_path / "plan.json", "anna")
    assert anna.others() == []
    anna.close()
    assert os.listdir(strange) == ["here-1-1f.lock"]


def test_whoever_looks_while_somebody_comes_does_not_hide_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "plan.json"
    bob, lock = Presence(file, "bob"), fcntl.flock
    looks: list[list[str]] = []

    def looked_at_first(sign: int, operation: int) -> None:
        if operation & fcntl.LOCK_EX and not looks:
            looks.append([])
            looks.append(bob.others())
        lock(sign, operation)

    monkeypatch.setattr(fcntl, "flock", looked_at_first)
    anna = Presence(file, "anna")
    assert looks == [[], []]
    assert bob.others() == ["anna"]
    assert anna.others() == ["bob"]
    anna.close()
    bob.close()
    assert os.listdir(tmp_path / "plan.kept") == []


@pytest.mark.parametrize("always", [False, True], ids=["once", "always"])
def test_whoever_stands_still_while_looking_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, always: bool
) -> None:
    file = tmp_path / "plan.json"
    bob, create, looking = Presence(file, "bob"), files.create, list[int]()

    def looked_at(path: str, mode: int) -> int:
        made = create(path, mode)
        if always or not looking:
            looking.append(os.open(path, os.O_RDONLY))
            fcntl.flock(looking[-1], fcntl.LOCK_SH)
        return made

    monkeypatch.setattr(files, "create", looked_at)
    anna = Presence(file, "anna")
    assert bob.others() == ([] if always else ["anna"])
    assert anna.others() == ["bob"]
    anna.close()
    bob.close()
    assert os.listdir(tmp_path / "plan.kept") == []
    for stopped in looking:
        os.close(stopped)


def test_a_sign_that_cannot_be_locked_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_sign: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "no locks here")

    monkeypatch.setattr(fcntl, "flock", refused)
    Presence(tmp_path / "plan.json", "anna").close()
    assert os.listdir(tmp_path / "plan.kept") == []
