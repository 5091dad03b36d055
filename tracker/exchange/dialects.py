"""Tables that other programs export: known by their heads, each with a reader of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from importlib import import_module

import msgspec

from tracker.domain.model import Task
from tracker.domain.typing.vocabulary import meaning_key
from tracker.exchange.source import ReadOptions, Source
from tracker.exchange.spreadsheet import HEAD, Book, Cell, Formula, Row, Sheet
from tracker.exchange.table_rows import one_line

_LONGEST_HEAD = 80
_OF_A_SHEET = 5


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
    at least `least` is the head of such a table; that its sheet is called as one of `sheets`
    begins weighs as well. Its reader is `function` of `module`, below
    `tracker.exchange.foreign`: it takes the table and how to read it. Where heads alone do not
    show whose a table is, it `looks_further`: `fits` of that module decides.
    """

    name: str
    label: str
    heads: tuple[tuple[int, tuple[str, ...]], ...]
    least: int
    module: str
    function: str = "read"
    sheets: tuple[str, ...] = ()
    looks_further: bool = False

    def fits(self, table: ForeignTable) -> bool:
        """Return whether a table with enough heads of this dialect is one."""
        if not self.looks_further:
            return True
        module = import_module(f"tracker.exchange.foreign.{self.module}")
        looks: bool = module.fits(table)
        return looks

    def names(self, sheet: Sheet) -> bool:
        """Return whether a sheet is called as those of this dialect."""
        return meaning_key(sheet.name).startswith(_keys(self.sheets)) if self.sheets else False

    def weight(self, heads: Collection[str]) -> int:
        """Return how much of the heads of a row, given by their keys, are those of this dialect."""
        return sum(
            weight
            for weight, spellings in self.heads
            if any(key in heads for key in _keys(spellings))
        )

    def read(self, table: ForeignTable, options: ReadOptions) -> Source:
        """Return what is in a table; raises BadInput."""
        module = import_module(f"tracker.exchange.foreign.{self.module}")
        source: Source = getattr(module, self.function)(table, options)
        source.format, source.program = self.name, self.label
        for number, remark in table.book.remarks:
            source.warn(number, "", "", remark)
        if cut := table.book.cut(table.rows, len(table.head.cells)):
            # Which fields its columns give is known to the dialect alone.
            source.cut_row(cut.number, (*Task.__struct_fields__, "needs", "returns"))
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
    Dialect(
        name="msproject",
        label="Microsoft Project",
        heads=(
            (9, ("Task Mode", "Vorgangsmodus")),
            (7, ("Unique ID Predecessors", "Einmalige Nr. für Vorgänger")),
            (4, ("Outline Level", "Gliederungsebene")),
            (4, ("Resource Names", "Ressourcennamen", "Ressourcenamen")),
            (4, ("Constraint Type", "Einschränkungsart")),
            (3, ("Unique ID", "Einmalige Nr.", "Eindeutige Nr.")),
            (3, ("Summary", "Sammelvorgang")),
            (3, ("Total Slack", "Gesamte Pufferzeit")),
            (2, ("Predecessors", "Vorgänger")),
            (2, ("Outline Number", "Gliederungsnummer")),
            (1, ("WBS", "PSP-Code")),
            (1, ("% Complete", "% Abgeschlossen")),
            (1, ("Task Name", "Vorgangsname", "Name")),
            (1, ("Duration", "Dauer")),
            (1, ("Start", "Anfang", "Start Date")),
            (1, ("Finish", "Ende", "Fertig stellen", "Finish Date")),
            (1, ("Active", "Aktiv")),
            (1, ("Milestone", "Meilenstein")),
        ),
        sheets=("Task_Table", "Vorgang_Tabelle", "Vorgangstabelle"),
        least=10,
        module="msproject_table",
    ),
    Dialect(
        name="smartsheet",
        label="Smartsheet",
        heads=(
            (3, ("Predecessors", "Vorgänger")),
            (2, ("Duration", "Dauer")),
            (2, ("% Complete", "% abgeschlossen", "% fertig")),
            (2, ("Assigned To", "Zugewiesen zu", "Zugewiesen an")),
            (1, ("Start", "Start Date", "Anfang", "Startdatum", "Anfangsdatum", "Beginn")),
            (1, ("Finish", "End Date", "Finish Date", "Ende", "Enddatum", "Fertigstellung")),
            (1, ("Comments", "Kommentare")),
        ),
        least=7,
        module="smartsheet",
        looks_further=True,
    ),
    Dialect(
        name="planner",
        label="Microsoft Planner",
        heads=(
            (4, ("Bucket Name",)),
            (3, ("Completed Checklist Items", "Abgeschlossene Prüflistenelemente")),
            (3, ("Checklist Items", "Prüflistenelemente")),
            (3, ("Is Recurring", "Wird wiederholt", "Ist wiederkehrend")),
            (2, ("Completed By", "Abgeschlossen von")),
            (1, ("Task ID", "Aufgaben-ID", "Vorgangs-ID")),
            (1, ("Late", "Verspätet", "Überfällig")),
            (1, ("Labels", "Bezeichnungen", "Etiketten")),
        ),
        least=8,
        module="planner",
    ),
    Dialect(
        name="planner-premium",
        label="Microsoft Planner (premium)",
        heads=(
            (3, ("Outline number", "Gliederungsnummer")),
            (3, ("Depends on", "Abhängig von", "Hängt ab von")),
            (3, ("Bucket",)),
            (3, ("Effort completed", "Abgeschlossener Aufwand")),
            (3, ("Effort remaining", "Verbleibender Aufwand")),
            (2, ("Checklist items", "Prüflistenelemente")),
            (1, ("% complete", "% abgeschlossen")),
            (1, ("Task number", "Aufgabennummer", "Vorgangsnummer")),
            (1, ("Duration", "Dauer")),
        ),
        least=9,
        module="planner",
        function="read_premium",
    ),
)


def found(book: Book, file: str, name: str = "") -> tuple[Dialect, ForeignTable] | None:
    """Return the dialect of a book with its table, or of the one named the likeliest table."""
    likely: list[tuple[int, Dialect, ForeignTable]] = []
    for sheet in book.sheets:
        for row in sheet.rows[:HEAD]:
            heads = _heads(row)
            for dialect in DIALECTS:
                weight = dialect.weight(heads) if name in ("", dialect.name) else 0
                weight += _OF_A_SHEET if weight and dialect.names(sheet) else 0
                if weight >= (1 if name else dialect.least):
                    likely.append((weight, dialect, ForeignTable(book, file, sheet, row)))
    likely.sort(key=lambda each: -each[0])
    fitting = (each[1:] for each in likely if name or each[1].fits(each[2]))
    return next(fitting, None)


def score(rows: Sequence[Row]) -> int:
    """Return how well rows are divided into the columns of any dialect: its weight."""
    weights = (
        weight
        for heads in map(_heads, rows[:HEAD])
        for dialect in DIALECTS
        if (weight := dialect.weight(heads)) >= dialect.least
    )
    return max(weights, default=0)


def _heads(row: Row) -> frozenset[str]:
    """Return the keys of what could be heads; most rows have none that weighs anything."""
    texts = (cell for cell in row.cells if isinstance(cell, str) and len(cell) <= _LONGEST_HEAD)
    return frozenset(meaning_key(one_line(text)) for text in texts)


@cache
def _keys(spellings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(meaning_key, spellings))


def shown(row: Row, at: int) -> Cell:
    """Return what a cell shows: the value of a formula, None where there is nothing."""
    cell = row.cells[at] if at < len(row.cells) else None
    return cell.value if isinstance(cell, Formula) else cell
