"""Tables that other programs export: known by their heads, each with a reader of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module

import msgspec

from tracker.domain.typing.vocabulary import meaning_key
from tracker.exchange.source import ReadOptions, Source
from tracker.exchange.spreadsheet import HEAD, Book, Cell, Formula, Row, Sheet
from tracker.exchange.table_rows import one_line


class ForeignTable(msgspec.Struct):
    """The sheet of a book that a dialect knows, and the row that heads it."""

    book: Book
    file: str
    sheet: Sheet
    head: Row

    @property
    def heads(self) -> list[tuple[int, str]]:
        """The columns that have a head, by position; one head may be there several times."""
        found = ((at, one_line(cell)) for at, cell in enumerate(self.head.cells))
        return [(at, head) for at, head in found if head]

    @property
    def rows(self) -> list[Row]:
        """The rows below the head that are not blank."""
        return [row for row in self.sheet.rows if row.number > self.head.number]

    @property
    def above(self) -> list[Row]:
        """The rows above the head that are not blank."""
        return [row for row in self.sheet.rows if row.number < self.head.number]

    def columns(self, *heads: str) -> list[int]:
        """Return the positions of the columns with one of these heads, however it is spelled."""
        wanted = {meaning_key(head) for head in heads}
        return [at for at, head in self.heads if meaning_key(head) in wanted]


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """A table of another program.

    `name` is what `--format` takes, `label` what the program is called. Each of the `heads` is a
    weight and the spellings of one head, in English and German; a row with heads that weigh
    at least `least` is the head of such a table. Its reader is `function` of `module`, below
    `tracker.exchange.foreign`: it takes the table and how to read it.
    """

    name: str
    label: str
    heads: tuple[tuple[int, tuple[str, ...]], ...]
    least: int
    module: str
    function: str = "read"

    def weight(self, heads: Sequence[str]) -> int:
        """Return how much of the heads of a row are those of this dialect."""
        keys = {meaning_key(head) for head in heads}
        return sum(
            weight
            for weight, spellings in self.heads
            if any(meaning_key(each) in keys for each in spellings)
        )

    def read(self, table: ForeignTable, options: ReadOptions) -> Source:
        """Return what is in a table; raises BadInput."""
        module = import_module(f"tracker.exchange.foreign.{self.module}")
        source: Source = getattr(module, self.function)(table, options)
        source.format, source.program = self.name, self.label
        for number, remark in table.book.remarks:
            source.warn(number, "", "", remark)
        return source


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        name="jira",
        label="Jira",
        heads=(
            (3, ("Issue key", "Vorgangsschlüssel", "Work item key")),
            (1, ("Summary", "Zusammenfassung")),
            (2, ("Issue id", "Vorgangs-ID", "Work item id")),
            (2, ("Issue Type", "Vorgangstyp", "Work type")),
            (2, ("Project key", "Projektschlüssel")),
            (1, ("Status Category", "Statuskategorie")),
            (1, ("Resolution", "Lösung")),
            (1, ("Inward issue link (Blocks)", "Outward issue link (Blocks)")),
        ),
        least=6,
        module="jira",
    ),
    Dialect(
        name="asana",
        label="Asana",
        heads=(
            (3, ("Section/Column",)),
            (2, ("Assignee Email",)),
            (2, ("Blocked By (Dependencies)",)),
            (2, ("Blocking (Dependencies)",)),
            (1, ("Parent task",)),
            (1, ("Completed At",)),
            (1, ("Last Modified",)),
            (1, ("Projects",)),
        ),
        least=6,
        module="asana",
    ),
    Dialect(
        name="gitlab",
        label="GitLab",
        heads=(
            (2, ("Issue ID", "IID")),
            (2, ("Time Estimate",)),
            (2, ("Confidential",)),
            (2, ("Author Username",)),
            (1, ("Assignee Username",)),
            (1, ("Created At (UTC)",)),
            (1, ("Locked",)),
            (1, ("Milestone",)),
        ),
        least=6,
        module="gitlab",
    ),
    Dialect(
        name="openproject",
        label="OpenProject",
        heads=(
            (1, ("ID",)),
            (1, ("Subject", "Thema")),
            (1, ("Type", "Typ")),
            (2, ("% Complete", "% abgeschlossen")),
            (1, ("Parent", "Übergeordnet")),
            (3, ("Übergeordnetes Arbeitspaket",)),
            (3, ("Remaining work", "Verbleibender Aufwand")),
            (4, ("Relation type", "Beziehungstyp")),
        ),
        least=6,
        module="openproject",
    ),
)


def found(book: Book, file: str, name: str = "") -> tuple[Dialect, ForeignTable] | None:
    """Return the dialect of a book with its table, or of the one named the likeliest table."""
    best: tuple[int, Dialect, ForeignTable] | None = None
    for dialect in DIALECTS:
        if name and dialect.name != name:
            continue
        for sheet, row in _heading(book):
            weight = dialect.weight([one_line(cell) for cell in row.cells])
            enough = weight >= (1 if name else dialect.least)
            if enough and (best is None or weight > best[0]):
                best = weight, dialect, ForeignTable(book, file, sheet, row)
    return (best[1], best[2]) if best else None


def score(rows: Sequence[Row]) -> int:
    """Return how well rows are divided into the columns of any dialect: its weight."""
    heads = [[one_line(cell) for cell in row.cells] for row in rows[:HEAD]]
    return max(
        (
            weight
            for dialect in DIALECTS
            for each in heads
            if (weight := dialect.weight(each)) >= dialect.least
        ),
        default=0,
    )


def shown(row: Row, at: int) -> Cell:
    """Return what a cell shows: the value of a formula, None where there is nothing."""
    cell = row.cells[at] if at < len(row.cells) else None
    return cell.value if isinstance(cell, Formula) else cell


def _heading(book: Book) -> Iterator[tuple[Sheet, Row]]:
    for sheet in book.sheets:
        for row in sheet.rows[:HEAD]:
            yield sheet, row
