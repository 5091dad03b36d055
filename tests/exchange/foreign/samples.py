"""Exports of other programs, and what is wanted of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests import DATA
from tests.exchange.lists import Taken, taken_file

EXCHANGE = DATA / "exchange"


def sample(name: str) -> tuple[Taken, Any]:
    """Return a sample imported, and what is wanted of it."""
    path = EXCHANGE / name
    wanted = json.loads(path.with_name(f"{path.name}.expected.json").read_text())["wanted"]
    return taken_file(path), wanted


def arrows(got: Taken) -> set[str]:
    """Return the needs arrows by the titles of their ends, with a lag that is not 0."""
    return {
        f"{got.ws.tasks[source].title} → {got.ws.tasks[target].title}" + (f" {lag:+g}" * bool(lag))
        for source, target, lag in got.needs
    }


def told(got: Taken) -> list[str]:
    """Return everything that the report says of values, in English, with column and value."""
    report = got.report
    found = (*report.warnings, *report.approximated)
    return [" | ".join((each.column, each.value, str(each.why))) for each in found]


def says(got: Taken, *words: str) -> bool:
    """Return whether one remark of the report has all these words."""
    return any(all(word in line for word in words) for line in told(got))


def csv_of(heads: Sequence[str], *rows: Iterable[Any], mark: str = ",") -> str:
    """Return a CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows((heads, *rows))
    return out.getvalue()


def facts(path: Path) -> list[dict[str, Any]]:
    """Return what another reader has found of tasks in a sample; summaries are left out."""
    found = json.loads(path.with_name(f"{path.name}.expected.json").read_text())["facts"]
    return [each for each in found.get("samples", []) if not each.get("summary")]
