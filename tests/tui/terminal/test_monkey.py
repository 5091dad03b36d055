"""Whatever is pressed, pasted or done to the terminal: no failure, sound files, and a way out.

A seed says what is done; how much of it falls on which screen depends on the machine.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests import DATA
from tests.terminal import Terminal
from tests.tui.terminal.test_terminal import TODAY
from tracker import cli
from tracker.domain.verbs import commands
from tracker.session import Session
from tracker.store import check

KEYS = [
    *(chr(code) for code in range(0x20, 0x7F)),
    *"äöüß€漢🇩",
    *"\r\r\r\r\t\x1b\x1b\x7f\x01\x02\x03\x04\x05\x06\x0b\x0c\x0e\x10\x15\x17",
    *(f"\x1b[{end}" for end in ("A", "B", "C", "D", "H", "F", "Z", "5~", "6~", "3~", "1;2A")),
    *("\x1bOP", "\x1b[1;5C", "\x1bx", "\x1b[24~"),
]
WORDS = (
    "3",
    "12",
    "Bauen after:1 @Netz 3/5/9 due:tomorrow",
    "Prüfen !high #tag returns:1:30%",
    "$(reboot) [bold]{0} {task!r}",
    "0001-01-01",
    "31.12.9999",
    "1e9",
    "999999999999999999999",
    "-1",
    "a/b/c",
    "state:open -state:done due<2026-12-01",
    "bauen OR (",
    "add Neu needs:1",
    "back 3 --to 1 --why x",
    "rate 3 1 30%",
    "lane Netz",
    "people",
    "departments",
    "systems",
    "projects",
    "settings",
    "filters",
    "undo",
)
STRANGE = (b"\xe4", b"\xf0\x9f", b"\xff\xfe", b"\x1b[", b"\x1b[<", b"\x1b]11;", b"\x1bP", b"\x00")
FOCUS = (b"\x1b[I", b"\x1b[O")
FEW, MANY, VERY_MANY = 120, 1_000, 20_000
# At most so many bytes at the end, and seconds of processor from ctrl+q until it is gone; what was
# pressed before may still be under way where the machine is busy.
MOST_MEMORY, MOST_TO_LEAVE = 300 << 20, 5.0
# What does nothing wants the processor for less than such a part of the time.
IDLE = 0.06
# After so many doings it is left to rest, which it does within so many seconds of processor.
PACE, MOST_TO_REST = 250, 100.0
# In so many seconds a key is taken even where many programs share a processor.
PATIENCE = 120.0
# So often what harms is tried again to make it less.
TRIES = 60

# Bytes that are sent, or the columns and rows it is given.
Doing = bytes | tuple[int, int]
Make = Callable[[Path], None]


def doings(seed: int, keys: int) -> Iterator[Doing]:
    """Walk over what is done: bytes that are sent, or the columns and rows it is given.

    It ends after so many keys; each letter of a word is one, and whatever else is done at once.
    """
    chance = random.Random(seed)
    while keys > 0:
        keys -= 1
        what = chance.random()
        if what < 0.78:
            yield chance.choice(KEYS).encode()
        elif what < 0.84:
            word = chance.choice(WORDS)
            keys -= len(word)
            yield word.encode() + chance.choice((b"\r", b"", b"\x1b"))
        elif what < 0.87:
            pasted = "\n".join(chance.choices((*WORDS, "x" * 3000), k=chance.randint(1, 4)))
            yield b"\x1b[200~%b\x1b[201~" % pasted.encode()
        elif what < 0.95:
            button = chance.choice((0, 0, 1, 2, 32, 35, 64, 65, 66, 16, 8))
            x, y = chance.randint(1, 130), chance.randint(1, 40)
            for end in chance.choice((b"Mm", b"M", b"m")):
                yield b"\x1b[<%d;%d;%d%c" % (button, x, y, end)
        elif what < 0.97:
            yield chance.choice(FOCUS)
        elif what < 0.985:
            yield chance.choice(STRANGE)
        else:
            most = chance.choice(((200, 60), (100, 30), (20, 6)))
            yield chance.randint(1, most[0]), chance.randint(1, most[1])


def let_loose(make: Make, folder: Path, seed: int, keys: int) -> None:
    """Have the program take what a seed says; AssertionError with the least that harms it."""
    left = list(doings(seed, keys))
    try:
        unleash(fresh(make, folder), left)
    except AssertionError as error:
        least = shrunk(left, partial(harms, make, folder))
        raise AssertionError(f"{make.__name__}, seed {seed}: {error}\nenough is {least}") from error


def unleash(file: Path, doings: Sequence[Doing]) -> None:
    """Have the program take what is done; AssertionError when it suffers."""
    left = list(doings)
    while left:
        arguments = ["--file", str(file), "--today", TODAY]
        # Another program's keys are not ours to answer for: an editor that is called ends at once.
        with Terminal(arguments, env={"HOME": str(file.parent), "EDITOR": "true"}) as terminal:
            while b"\x1b[?1049h" not in terminal.raw:
                # Before, keys are the shell's.
                assert terminal._read(60), "does not begin"
            spent = 0.0
            while left and not ended(terminal):
                for done in left[:PACE]:
                    del left[0]
                    if isinstance(done, tuple):
                        terminal.resize(*done)
                    else:
                        assert terminal.feed(done, PATIENCE), (
                            f"takes no keys, {len(left)} before the end"
                        )
                    if ended(terminal):
                        break
                memory, spent = rested(terminal)
                assert memory <= MOST_MEMORY, f"needs {memory >> 20} MiB"
            begun = time.monotonic()
            while not ended(terminal):
                assert time.monotonic() < begun + 60, "does not leave"
                # A sequence that was begun may have swallowed the first one.
                terminal.feed(b"\x11")
                settle(terminal)
                if terminal.status is None:
                    assert used(terminal.pid)[1] - spent <= MOST_TO_LEAVE, "takes long to leave"
            # It goes on after most failures of its own.
            assert (terminal.status, failure(file)) == (0, ""), terminal.raw[-600:]
    assert not any(finding.grave for finding in check.check(file))


def fresh(make: Make, folder: Path) -> Path:
    """Make a plan in a folder of its own, and return its file."""
    file = Path(tempfile.mkdtemp(dir=folder), f"{make.__name__}.json")
    make(file)
    return file


def harms(make: Make, folder: Path, doings: Sequence[Doing]) -> bool:
    """Return whether the program suffers from what is done to it anew."""
    try:
        unleash(fresh(make, folder), doings)
    except AssertionError:
        return True
    return False


def shrunk(doings: Sequence[Doing], harms: Callable[[Sequence[Doing]], bool]) -> list[Doing]:
    """Return less of what harms, that still does: without pieces that it can do without.

    That is Zeller's and Hildebrandt's ddmin (2002), with no more than `TRIES` tries.
    """
    left, pieces, tries = list(doings), 2, 0
    while len(left) > 1 and tries < TRIES:
        size = -(-len(left) // pieces)
        for at in range(0, len(left), size):
            rest = left[:at] + left[at + size :]
            tries += 1
            if harms(rest):
                left, pieces = rest, max(pieces - 1, 2)
                break
        else:
            if size == 1:
                break
            pieces = min(2 * pieces, len(left))
    return left


def used(pid: int) -> tuple[int, float]:
    """Return the bytes of memory a process has now, and the seconds of processor it has used."""
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    # What is behind the name, which may hold anything: see proc(5).
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(stat[11]) + int(stat[12])
    return resident * os.sysconf("SC_PAGE_SIZE"), ticks / os.sysconf("SC_CLK_TCK")


def rested(terminal: Terminal) -> tuple[int, float]:
    """Wait until what was sent has been taken; return what the program has used by then."""
    begun = used(terminal.pid)[1]
    while not ended(terminal):
        seen, before, since = terminal.raw[-200:], wanted(terminal.pid), time.monotonic()
        settle(terminal)
        if ended(terminal):
            break
        now = used(terminal.pid)
        assert now[1] - begun <= MOST_TO_REST, "does not come to rest"
        # Also one that shows nothing may be at work, such as one that has not quite begun.
        busy = wanted(terminal.pid) - before
        if terminal.raw[-200:] == seen and busy < IDLE * (time.monotonic() - since):
            return now
    return 0, 0.0


def wanted(pid: int) -> float:
    """Return for how many seconds a process has had a processor or its first thread waited for it.

    See sched-stats in the documentation of Linux.
    """
    waited = int(Path(f"/proc/{pid}/schedstat").read_text().split()[1])
    return used(pid)[1] + waited / 1e9


def settle(terminal: Terminal) -> None:
    """Take what is shown, for half a second or until the end."""
    begun = time.monotonic()
    while time.monotonic() < begun + 0.5 and not ended(terminal):
        time.sleep(0.01)
        terminal.feed(b"")


def ended(terminal: Terminal) -> bool:
    """Whether the program has come to its end by itself."""
    if terminal.status is None:
        with suppress(ChildProcessError):
            pid, status = os.waitpid(terminal.pid, os.WNOHANG)
            if pid:
                terminal.status = os.waitstatus_to_exitcode(status)
    return terminal.status is not None


def failure(file: Path) -> str:
    """Return what the program wrote down of its last failure, "" without any."""
    with suppress(FileNotFoundError):
        return (file.parent / ".local/state/tracker/failure.log").read_text()
    return ""


def the_demo(file: Path) -> None:
    assert cli.main(["--file", str(file), "--lang", "de", "demo", "--no-screen"]) == 0


def a_list(file: Path) -> None:
    assert cli.main(["--file", str(file), "import", str(DATA / "umzug-erp.xlsx")]) == 0


def five_hundred(file: Path) -> None:
    session = Session.open(file, who="anna")
    for n in range(1, 501):
        after = ((n - 7, 0.0),) if n > 7 else ()
        session.do(
            partial(commands.add_task, title=f"Schritt {n}", department=f"D{n % 5}", after=after)
        )
    session.close()


def nothing(file: Path) -> None:
    Session.open(file, who="anna").close()


PLANS = (the_demo, a_list, five_hundred, nothing)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Whatever is exported by chance is exported to here.
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_that_is_pressed_ends_it(folder: Path) -> None:
    seed = int.from_bytes(os.urandom(4)) if "CI" not in os.environ else 1
    let_loose(a_list, folder, seed, FEW)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(8))
def test_nothing_that_is_pressed_for_long_ends_it(folder: Path, seed: int) -> None:
    let_loose(PLANS[seed % len(PLANS)], folder, seed, MANY)


@pytest.mark.monkey
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(100, 120))
def test_nothing_that_is_pressed_for_hours_ends_it(folder: Path, seed: int) -> None:
    let_loose(PLANS[seed % len(PLANS)], folder, seed, VERY_MANY)


def test_what_harms_is_made_less() -> None:
    def both(doings: Sequence[Doing]) -> bool:
        return b"a" in doings and (3, 4) in doings

    every: list[Doing] = [bytes([code]) for code in range(0x20, 0x7F)]
    every.insert(80, (3, 4))
    assert shrunk(every, both) == [b"a", (3, 4)]
    assert shrunk([b"x"], lambda _: True) == [b"x"]
