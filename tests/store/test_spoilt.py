"""Files that were damaged, mixed up or put back: all is told, and what is whole is kept."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.builders import contents
from tests.store.writers import AT, add
from tracker.domain.change import Change, Edit, Record
from tracker.domain.errors import StoreError
from tracker.domain.sentence import sentence
from tracker.domain.workspace import Workspace
from tracker.store import codec, copying, file_log
from tracker.store.check import check
from tracker.store.repair import repair
from tracker.store.store import Store

pytestmark = pytest.mark.timeout(3600)
LONG = pytest.mark.torture
Files = Mapping[str, bytes]


def edited(chance: random.Random) -> Callable[[Workspace], Change]:
    def command(ws: Workspace) -> Change:
        if not ws.tasks or chance.random() < 0.5:
            return add(f"task {ws.seq}")(ws)
        task = chance.choice([*ws.tasks.values()])
        return Change(sentence("Edit"), (Edit(task, replace(task, title=f"{task.title}x")),))

    return command


def worked(path: Path, chance: random.Random, count: int) -> list[Files]:
    """Have a workspace of some days, and return what its files were now and then."""
    backups = []
    store = Store.open(path)
    for n in range(count):
        store.commit(edited(chance), at=AT + timedelta(hours=5 * n), who="anna")
        if chance.random() < 0.25:
            store.checkpoint()
        if chance.random() < 0.3:
            backups.append(found(path.parent))
    store.close()
    return backups


def found(folder: Path) -> Files:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix != ".lock"
    }


def put(folder: Path, files: Files) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)


def made_up(last: bytes, chance: random.Random) -> bytes:
    """Return a line that is sealed as it should, by somebody who claims any number."""
    seq = chance.choice([1, codec.seq_of(last), codec.seq_of(last) + 1, 10**9, codec.HIGHEST - 1])
    seal = chance.choice([codec.seal_of(last), "12345678"])
    return codec.encode(Record(seq or 1, AT, "eve", Change(sentence("x"), ())), (), seal)


def spoil(path: Path, chance: random.Random, backups: list[Files], strange: Files) -> str:
    """Do something to the files that no program would, and return what."""
    folder, files = path.parent, found(path.parent)
    if not files:
        return "nothing is left"
    name, data = chance.choice([*files.items()])
    place, lines = folder / name, data.splitlines(keepends=True)
    at, line = chance.randrange(len(data) + 1), chance.randrange(len(lines) or 1)
    bent = bytearray(data + b"?")
    bent[at] ^= 1 << chance.randrange(8)
    last = lines[-1].rstrip(b"\n") if lines else b""
    what = {
        "cut": data[:at],
        "cut between lines": b"".join(lines[:line]),
        "without its end": data[:-1],
        "a bit": bytes(bent[: len(data)]),
        "zeros": data[:at] + b"\0" * len(data[at : at + 512]) + data[at + 512 :],
        "a line less": b"".join(lines[:line] + lines[line + 1 :]),
        "a line twice": data + b"".join(lines[line : line + 1]),
        "lines in disorder": b"".join(lines[line:] + lines[:line]),
        "garbage": data + chance.randbytes(20),
        "a line made up": data + made_up(last, chance) + b"\n"[: chance.randrange(2)],
        "of another workspace": strange.get(name, data),
        "another of its files": chance.choice([*files.values()]),
    }
    ways = ["removed", "renamed", "backup of one", "backup of some", "backup of all", "no kept"]
    way = chance.choice([*what, *ways])
    backup = chance.choice([*backups, files])
    if way in what:
        place.write_bytes(what[way])
    elif way == "removed":
        place.unlink()
    elif way == "renamed":
        numbers = [int(number) + chance.randrange(-1, 2) for number in re.findall(r"\d{10}", name)]
        if len(numbers) == 2:
            place.rename(place.with_name("log-{:010}-{:010}.log".format(*numbers)))
    elif way == "backup of one":
        put(folder, {name: backup.get(name, data)})
    elif way == "backup of some":
        put(folder, {name: data for name, data in backup.items() if chance.random() < 0.5})
    elif way == "backup of all":
        put(folder, backup)
    else:
        shutil.rmtree(path.with_suffix(".kept"), ignore_errors=True)
    return f"{way}: {name}"


def whole_lines(folder: Path, ending: str = "") -> set[bytes]:
    """Return the lines of journals that are anywhere in files of that ending."""
    files = [data for name, data in found(folder).items() if name.endswith(ending)]
    lines = (line for data in files for line in data.split(b"\n"))
    return {line for line in lines if codec.sealed(line) and codec.seq_of(line)}


def grave(path: Path) -> list[str]:
    return [str(found.text) for found in check(path) if found.grave]


def refusal(do: Callable[[], object]) -> str:
    try:
        do()
    except StoreError as error:
        return str(error)
    return ""


def read(path: Path) -> None:
    store = Store.open(path, create=False)
    try:
        numbers = [record.seq for record in store.records()]
        seq = store.workspace.seq
        assert numbers == list(range(seq - len(numbers) + 1, seq + 1))
    finally:
        store.db.close()


def state(path: Path) -> object:
    """Return what the next change finds: a last line that lacks only its newline counts for it."""
    tried = shutil.copytree(path.parent, path.parent.with_name("tried"))
    with closing(Store.open(tried / path.name, create=False)) as store:
        store.commit(lambda _: Change(sentence("x"), ()), at=AT + timedelta(days=40), who="root")
        there = contents(store.workspace)
    shutil.rmtree(tried)
    return there


def gone_on(path: Path) -> None:
    with closing(Store.open(path)) as store:
        store.commit(add("next"), at=AT + timedelta(days=50), who="bob")
        store.checkpoint()


def follow(store: Store) -> None:
    """Go on with a screen that was open, and whose changes are there if they are confirmed."""
    told = refusal(store.catch_up)
    if not refusal(lambda: store.commit(add("of a screen"), at=AT, who="carl")):
        with suppress(StoreError), closing(Store.open(store.place)) as other:
            assert contents(other.workspace) == contents(store.workspace), told
    refusal(store.checkpoint)
    refusal(store.close)


@pytest.mark.parametrize("seeds", [range(30), pytest.param(range(30, 3000), marks=LONG)], ids=len)
def test_what_is_wrong_is_told_and_what_is_whole_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: range
) -> None:
    monkeypatch.setattr(file_log, "ROTATE_FROM", 500)
    for seed in seeds:
        chance = random.Random(seed)
        folder, elsewhere = tmp_path / f"{seed}", tmp_path / f"other {seed}"
        folder.mkdir()
        elsewhere.mkdir()
        path = folder / "erp.json"
        backups = worked(path, chance, chance.randrange(2, 14))
        worked(elsewhere / "erp.json", chance, 4)
        screen = Store.open(path)
        what = [spoil(path, chance, backups, found(elsewhere)) for _ in range(seed % 3 + 1)]
        try:
            look_through(path, screen if seed % 2 else None)
        except BaseException as error:
            error.add_note(f"seed {seed}: {what}")
            raise
        finally:
            with suppress(StoreError):
                screen.close()
        shutil.rmtree(folder)
        shutil.rmtree(elsewhere)


def look_through(path: Path, screen: Store | None) -> None:
    lines = whole_lines(path.parent, ".log")
    if screen:
        follow(screen)
        lines |= whole_lines(path.parent, ".log")
    told = refusal(lambda: read(path))
    if told and "There is no workspace" not in told:
        assert grave(path), f"it does not open, and nobody is told: {told}"
    before = None if told or grave(path) else state(path)
    told = refusal(lambda: repair(path, at=AT + timedelta(days=40), who="root"))
    assert before is None or state(path) == before, "there was nothing to repair"
    if told:
        assert re.search("cannot be recovered|There is no workspace", told)
    else:
        assert grave(path) == []
        for act in (read, gone_on, read):
            assert refusal(lambda act=act: act(path)) == ""  # type: ignore[misc]
        assert grave(path) == []
        assert refusal(lambda: copying.copy(str(path), str(path.with_name("copy.json")))) == ""
    assert lines <= whole_lines(path.parent)
