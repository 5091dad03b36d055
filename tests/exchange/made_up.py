"""Formats that no program writes, to be read as if one did."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tracker.exchange import dialects, formats
from tracker.exchange.dialects import Dialect, ForeignTable
from tracker.exchange.formats import ForeignFormat
from tracker.exchange.ledger import Ledger
from tracker.exchange.outline import Outline, PlanItem
from tracker.exchange.settling import settled
from tracker.exchange.source import ReadOptions, Source

MADE = b"MADE\nA-1 Concept\nA-2 Review\n"


def _read(data: bytes, file: str, options: ReadOptions) -> Source:
    """Read lines `key title`, as no other program writes them."""
    source = Source(file, states=frozenset(("title",)))
    ledger = Ledger(source, taken=("key", "title"))
    items = []
    for row, line in enumerate(data.decode().splitlines()[1:], 1):
        key, _blank, title = line.partition(" ")
        title, _bar, more = title.partition("|")
        ledger.saw("title", title, row)
        ledger.saw("more", more, row)
        item = PlanItem(key, row, key, f"made:{key}", fields={"title": title.strip()})
        items.append(item)
    ledger.close()
    return settled(Outline(source, False, items), options)


def _read_folder(folder: Path, file: str, options: ReadOptions) -> Source:
    return _read((folder / "made.txt").read_bytes(), file, options)


def _read_table(table: ForeignTable, options: ReadOptions) -> Source:
    (at,) = table.columns("Made up", "Erfunden")
    items = [
        PlanItem(str(row.number), row.number, fields={"title": dialects.shown(row, at)})
        for row in table.rows
    ]
    return settled(Outline(Source(table.file), False, items), options)


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program know these formats for the time of a test."""
    module: Any = ModuleType("tracker.exchange.foreign.made_up")
    module.read, module.read_folder, module.read_table = _read, _read_folder, _read_table
    monkeypatch.setitem(sys.modules, module.__name__, module)
    made = ForeignFormat(
        name="made",
        label="Made",
        endings=(".made",),
        looks=lambda content: content.start.startswith("MADE"),
        module="made_up",
    )
    inside = ForeignFormat(
        name="made-folder",
        label="Made",
        looks=lambda content: bool(content.folder and (content.folder / "made.txt").exists()),
        module="made_up",
        function="read_folder",
        folder=True,
    )
    heads = ((2, ("Made up", "Erfunden")), (2, ("Depth",)))
    table = Dialect(
        name="made-table",
        label="Made",
        heads=heads,
        least=4,
        module="made_up",
        function="read_table",
    )
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, made, inside))
    monkeypatch.setattr(dialects, "DIALECTS", (*dialects.DIALECTS, table))
