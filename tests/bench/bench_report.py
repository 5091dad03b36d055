"""Measures the status report: `python -m tests.bench.bench_report [TASKS …] [--check]`.

The whole call as a person makes it, each way of writing it, in CPU time and size. A page of 500
tasks is to take 2 s on a quiet machine, and 2 MB. Machines differ: `--check` fails where it takes
more than so many times what the forecast of the same plan takes in the same run.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_load import plan_of
from tests.builders import TODAY
from tracker.cli.report_call import FORMATS
from tracker.domain.change import Change, Edit
from tracker.domain.sentence import sentence
from tracker.session import Session

TIMES, BYTES, TASKS = 4.0, 2_000_000, 500


def called(file: Path, *call: str) -> float:
    """Return the CPU time in seconds of a call."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [
            *(sys.executable, "-m", "tracker", *call),
            *("--file", str(file), "--today", TODAY.isoformat()),
        ],
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(size: int, *, check: bool) -> bool:
    """Print the figures of a plan of so many tasks, and return whether they are within bounds."""
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        session = Session.open(file, who="bench", today=TODAY)
        born = Change(
            sentence("Plan"), tuple(Edit(None, each) for each in plan_of(size).entities())
        )
        session.do(lambda _ws, _now: born)
        session.close()
        forecast = min(called(file, "forecast") for _ in range(2))
        for format in FORMATS:
            target = Path(folder) / f"status{format.endings[0]}"
            seconds = called(file, "report", str(target), "--force")
            length = target.stat().st_size
            sys.stdout.write(
                f"{size:6} tasks  {format.name:<5} {seconds:5.2f} s CPU"
                f" {seconds / forecast:5.2f} forecasts {length / 1000:8.0f} kB\n"
            )
            if format.name == "html" and size <= TASKS:
                kept = kept and seconds <= TIMES * forecast and length <= BYTES
    sys.stdout.flush()
    return kept or not check


def main() -> None:
    """Print the figures of plans of so many tasks, 500 unless given."""
    words = [word for word in sys.argv[1:] if word != "--check"]
    sizes = [int(word) for word in words] or [TASKS]
    found = [measure(size, check="--check" in sys.argv) for size in sizes]
    sys.exit(not all(found))


if __name__ == "__main__":
    main()
