"""What the largest inputs cost: time and memory, each in a process of its own.

    python -m tests.bench.bench_limits [RECORDS]

A journal of RECORDS changes (a million, if none is said) that nobody has checkpointed is opened,
once more after its checkpoint, and its history is searched; lists with loops are
imported; lists and workbooks without end are refused. Beside the time on the clock stands that of
the processor, which other work on the machine does not lengthen; memory is the largest resident set
of the process.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from tracker.domain.change import Change, Edit, Record
from tracker.domain.model import Task
from tracker.domain.sentence import sentence
from tracker.store import codec
from tracker.store.store import Store

RECORDS = 1_000_000
AT = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
_TASKS = 500


def write_journal(path: Path, count: int) -> None:
    """Write a workspace of `count` records, most of them new titles, none in its checkpoint."""
    Store.open(path).close()
    tasks: dict[int, Task] = {}
    seal, random_numbers = codec.UNSEALED, random.Random(1)
    with path.with_suffix(".log").open("wb") as log:
        for seq in range(1, count + 1):
            number = seq if seq <= _TASKS else random_numbers.randint(1, _TASKS)
            before = tasks.get(number)
            title = f"Schnittstelle {number} in Fassung {seq}"
            after = replace(before, title=title) if before else Task(id=number, title=title)
            tasks[number] = after
            change = Change(sentence("Edit"), (Edit(before, after),))
            record = Record(seq, AT + timedelta(seconds=seq), "bench", change)
            line = codec.encode(record, (), seal)
            seal = codec.seal_of(line)
            log.write(line + b"\n")


def write_loops(path: Path, count: int, more: int) -> None:
    """Write a ring of tasks, each with `more` predecessors at random besides."""
    random_numbers = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        file.write("No;Task;Predecessors\n")
        for n in range(1, count + 1):
            before = {random_numbers.randint(1, count) for _ in range(more)} - {n}
            needs = ", ".join(map(str, sorted(before | {(n - 2) % count + 1})))
            file.write(f"{n};Task {n};{needs}\n")


def write_book(path: Path, rows: Callable[[], Iterator[bytes]]) -> None:
    """Write a workbook with these rows below a header and one task."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book["Sheet"]
    sheet.append(["No", "Task"])
    sheet.append([1, "A"])
    plain = path.with_suffix(".plain")
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename != "xl/worksheets/sheet1.xml":
                new.writestr(part, content)
                continue
            head, end = content.split(b"</sheetData>")
            with new.open(part.filename, "w", force_zip64=True) as written:
                written.write(head)
                for row in rows():
                    written.write(row)
                written.write(b"</sheetData>" + end)


def lists(folder: Path) -> Iterator[Path]:
    """Write the lists one by one, and walk over them."""
    for count, more in ((3_000, 0), (3_000, 3), (10_000, 0), (10_000, 3)):
        path = folder / f"loops-{count}-{more}.csv"
        write_loops(path, count, more)
        yield path
    heads = [f";C{n}" for n in range(16_000)]
    many, large = 1_000_000, ["x" * 1_000_000]
    for name, parts in {
        "title.csv": ["No;Task\n1;", *large],
        "title.json": ['[{"title": "', *large, '"}]'],
        "columns.csv": ["Task", *heads, "\nA\n"],
        "columns-comma.csv": ["Task", *(head.replace(";", ",") for head in heads), "\nA\n"],
        "blank.csv": ["No;Task\n1;A\n", "\n" * many, "2;B\n"],
        "line-100-MB.csv": ["No;Task\n1;", *large * 100],
        "line-60-MB.csv": ["No;Task\n1;", *large * 60],
        "line-60-MB.json": ['[{"title": "', *large * 60, '"}]'],
        "quotation.csv": ['No;Task\n1;"', "x\n" * 400_000, *large],
    }.items():
        path = folder / name
        # In parts: what this process takes at its height would be counted as the call's.
        with path.open("w", encoding="utf-8") as file:
            file.writelines(parts)
        yield path
        path.unlink()
    for name, rows in {
        "blank.xlsx": lambda: (b'<row r="%d"/>' % n for n in range(3, 1_000_003)),
        "gigabyte.xlsx": lambda: (b" " * 2**20 for _ in range(1024)),
    }.items():
        write_book(folder / name, rows)
        yield folder / name


def run(*call: str) -> tuple[float, float, int, str]:
    """Return what a call takes, in seconds and seconds of a core, its memory, and what it says."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([sys.executable, *call], stdout=said, stderr=said)
        _, _, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - begin
        said.seek(0)
        lines = said.read().decode().splitlines()
    told = [line for line in lines if line.startswith(("tracker:", "Imported", "notice"))]
    busy = usage.ru_utime + usage.ru_stime
    return took, busy, usage.ru_maxrss // 1024, " ".join(told)[:150]


def tell(what: str, took: float, busy: float, memory: int, said: str) -> None:
    """Print one line of the table."""
    print(f"{what:26}{took:8.2f} s {busy:8.2f} s busy {memory:6} MiB  {said}", flush=True)


def main() -> None:
    """Measure everything, and print it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = {f"XDG_{kind}_HOME": name for kind in ("DATA", "STATE", "CONFIG")}
        os.environ.update(kept, LANGUAGE="en")
        path = folder / "long.json"
        write_journal(path, count)
        size = path.with_suffix(".log").stat().st_size >> 20
        print(f"{count} records, {size} MiB")
        opening = (
            "import sys; from tracker.language import say; from tracker.store.store import Store;"
            " store = Store.open(sys.argv[1]); notices = store.notices;"
            " print(*(f'notice: {say(notice)}' for notice in notices));"
            " 'closing' in sys.argv and store.checkpoint(); store.close()"
        )
        tell("open without a checkpoint", *run("-c", opening, str(path), "closing"))
        tell("open after a checkpoint", *run("-c", opening, str(path)))
        tell("log of a task", *run("-m", "tracker", "--file", str(path), "log", "task:7"))
        tell("log of nobody", *run("-m", "tracker", "--file", str(path), "log", "who:nobody"))
        for at, each in enumerate(lists(folder)):
            here = folder / f"{at}.json"
            tell(each.name, *run("-m", "tracker", "--file", str(here), "import", str(each)))


if __name__ == "__main__":
    main()
