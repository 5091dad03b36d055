"""A folder shared by three, one of them ill-meaning, and a fourth who is to see nothing."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.needs import missing
from tests.store.people import (
    ANNA,
    BOB,
    EVE,
    NAMES,
    STRANGER,
    TEAM,
    Person,
    act,
    common_ground,
    create,
    everything_under,
    look_at_each,
    look_back,
    mend,
    spoil,
    titles,
    work,
)
from tracker.store.check import check
from tracker.store.presence import Presence

SECRET = b"anna's own: 4711\n"


@pytest.fixture
def ground() -> Iterator[Path]:
    with common_ground() as place:
        yield place


@pytest.fixture
def path(ground: Path) -> Path:
    """A workspace in a folder of the team's, as its administrator sets it up."""
    folder = ground / "team"
    folder.mkdir()
    os.chown(folder, ANNA.user, TEAM)
    folder.chmod(0o2770)
    path = folder / "erp.json"
    assert act(ANNA, create, path).refusal == ""
    return path


@pytest.mark.parametrize("umask", [0o000, 0o077], ids=oct)
def test_members_work_together_and_nobody_else_reads_a_byte(path: Path, umask: int) -> None:
    done: list[tuple[str, str]] = []
    for days, person in enumerate((ANNA, BOB, EVE, ANNA)):
        done += [(person.login, f"{person.login} {n}") for n in range(3)]
        outcome = act(person, work, path, person.login, days, umask=umask)
        assert outcome.refusal == ""
        assert outcome.value == done, "everything of theirs is attributed"
    inside = [path.parent, *path.parent.rglob("*")]
    assert len(inside) > 8
    for place in inside:
        found = place.lstat()
        assert stat.S_IMODE(found.st_mode) == (0o2770 if place.is_dir() else 0o660), place
        assert found.st_gid == TEAM, place
        assert found.st_uid in (ANNA.user, BOB.user, EVE.user)
    found = act(STRANGER, everything_under, path.parent).value
    assert [line.partition(":")[0] for line in found] == ["stat team"], "that there is a folder"
    refusal = act(STRANGER, work, path, "stranger").refusal
    assert "no permission" in refusal
    assert [str(found.text) for found in check(path)] == []


@pytest.mark.parametrize("umask", [0o000, 0o077], ids=oct)
def test_what_is_not_shared_is_for_its_owner_alone(ground: Path, umask: int) -> None:
    home = ground / "home"
    home.mkdir()
    os.chown(home, ANNA.user, TEAM)
    home.chmod(0o777)  # the worst that somebody has left it in
    for path in (home / "erp.json", home / "new" / "erp.json"):
        assert act(ANNA, work, path, "anna", umask=umask).refusal == ""
        for person in (BOB, STRANGER):
            refusal = act(person, work, path, "bob").refusal
            assert "no permission" in refusal
            assert "anna" in refusal or str(ANNA.user) in refusal or path.parent != home
        for place in (path, *path.parent.glob("erp.*"), *path.parent.glob("erp.kept/*")):
            assert not place.lstat().st_mode & 0o077, place


# --- what lies in the place of our files


def link_to_secret(place: Path, secret: Path) -> None:
    place.symlink_to(secret)


def dangling_link(place: Path, secret: Path) -> None:
    place.symlink_to(secret.with_name("nowhere"))


def hard_link(place: Path, secret: Path) -> None:
    place.hardlink_to(secret)


def fifo(place: Path, _secret: Path) -> None:
    os.mkfifo(place, 0o666)


def device(place: Path, _secret: Path) -> None:
    os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero, which has no end


def folder(place: Path, _secret: Path) -> None:
    place.mkdir()
    (place / "something").write_bytes(b"")


def a_socket(place: Path, _secret: Path) -> None:
    with socket.socket(socket.AF_UNIX) as here:
        here.bind(str(place))


def without_end(place: Path, _secret: Path) -> None:
    place.touch()
    os.truncate(place, 1 << 40)


KINDS = (without_end, link_to_secret, dangling_link, hard_link, fifo, device, folder, a_socket)
SIGN = "erp.kept/here-1-00000000000000ab.lock"
PLACES = (*NAMES, SIGN)


def owned(path: Path, person: Person) -> Path:
    os.chown(path, person.user, TEAM, follow_symlinks=False)
    return path


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_lies_in_the_place_of_a_file_is_neither_followed_nor_waited_for(
    ground: Path, path: Path, kind: Callable[[Path, Path], None]
) -> None:
    assert act(ANNA, work, path, "anna").refusal == ""
    home = ground / "home"
    home.mkdir()
    secret = home / "secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o640)
    owned(home, ANNA).chmod(0o700)
    owned(secret, ANNA)
    paths = [ground / f"team {n}" / "erp.json" for n in range(len(PLACES))]
    for there, name in zip(paths, PLACES, strict=True):
        shutil.copytree(path.parent, there.parent)
        for copied in (there.parent, *there.parent.rglob("*")):
            owned(copied, ANNA).chmod(0o2770 if copied.is_dir() else 0o660)
        place = there.parent / name
        if place.is_dir():
            place.rename(place.with_name("moved"))
        else:
            place.unlink(missing_ok=True)
        try:
            kind(place, secret)
        except PermissionError:
            missing("no devices can be made here")
        if kind is not hard_link:
            owned(place, EVE)
    outcome = act(ANNA, look_at_each, paths)
    assert outcome.refusal == ""
    for there, name, refused in zip(paths, PLACES, outcome.value, strict=True):
        assert refused or name.startswith("erp.kept/"), name
        for refusal in refused:
            assert "Errno" not in refusal
            assert name in refusal or name.split("/")[-1] in refusal, refusal
        for file in there.parent.rglob("*"):
            if not file.is_file() or file.is_symlink() or file.samefile(secret):
                continue
            if kind is not without_end:
                assert SECRET not in file.read_bytes(), file
    assert secret.read_bytes() == SECRET
    assert stat.S_IMODE(secret.stat().st_mode) == 0o640
    assert [here.name for here in home.iterdir()] == ["secret"]


def test_who_takes_another_name_is_named_beside_it(path: Path) -> None:
    signs = [Presence(path, name) for name in ("anna", "bob")]
    [anna, bob] = [sign._path for sign in signs]
    owned(Path(anna), ANNA)
    owned(Path(bob), EVE)
    here = Presence(path, "root")
    assert here.others() == [f"anna ({ANNA.user})", f"bob ({EVE.user})"]
    for sign in (*signs, here):
        sign.close()


def test_what_one_member_spoils_others_hear_of_and_mend(path: Path) -> None:
    assert act(ANNA, work, path, "anna").refusal == ""
    done = act(BOB, work, path, "bob", 3).value
    for name in ("erp.json", "erp.kept/log-0000000003-0000000004.log"):
        assert act(EVE, spoil, path.parent / name).refusal == ""
        heard = act(ANNA, look_back, path).refusal
        assert name.split("/")[-1] in heard
        assert "`tracker check --repair`" in heard
        assert act(BOB, mend, path).refusal == ""
        assert act(ANNA, titles, path).value == [title for _, title in done]
