"""The rows of a list: which are tasks, what the others are, and what is to see in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange.headers import Column, Header, letter
from tracker.exchange.plausibility import some
from tracker.exchange.sheet_choice import skip_blanks
from tracker.exchange.source import Source
from tracker.exchange.spreadsheet import Cell, Formula, Row
from tracker.exchange.table_rows import one_line, said, sifted


class ListRows:
    """The rows below a header that are tasks or sum up others; what the others are is reported.

    `titles` are their titles, `title_at` the columns these are in, `headings` the headings by
    the place of the first row below each. `mixed` are rows with what is no task.
    """

    def __init__(self, source: Source, header: Header, below: list[Row], *, mixed: bool) -> None:
        self.rows: list[Row] = []
        self.titles: list[str] = []
        self.title_at: list[int] = []
        self.headings: dict[int, str] = {}
        # The columns with titles of deeper levels.
        self.more_titles: dict[int, Column] = {}
        self._source, self._header, self._below, self._mixed = source, header, below, mixed
        self._columns: Mapping[int, Column] = header.columns
        self._sift()
        self._see()

    def cells(self, at: int) -> Iterator[tuple[int, Cell]]:
        """Walk over what a column shows, with the numbers of the rows."""
        for row in self.rows:
            cell = row.cells[at] if at < len(row.cells) else None
            cell = cell.value if isinstance(cell, Formula) else cell
            if cell is not None:
                yield row.number, cell

    def _sift(self) -> None:
        """Keep the rows that are tasks, and report the others."""
        titles = [self._header.fields["title"], *(self._more_titles() if self._mixed else ())]
        following = self._header.row + 1
        rows = self._below
        if self._header.parts is not None and rows and rows[0].number == self._header.parts:
            why = sentence("Second header row: {text}", text=said(rows[0]))
            self._source.skip(rows[0].number, why)
            rows, following = rows[1:], following + 1
        below = list(sifted(rows, self._header, titles) if self._mixed else map(self._titled, rows))
        for at, (row, why_not) in enumerate(below):
            skip_blanks(self._source, following, row.number)
            following = row.number + 1
            after = below[at + 1] if at + 1 < len(below) else None
            heads = self._mixed and not self._header.own and after and after[1] is None
            if heads and self._is_heading(row, why_not, below):
                self.headings[len(self.rows)] = said(row)
                why_not = sentence(
                    "Heading of the rows below, read as their phase: {text}", text=said(row)
                )
            if why_not is not None:
                self._source.skip(row.number, why_not)
                continue
            place = next(at for at in titles if at < len(row.cells) and one_line(row.cells[at]))
            self.rows.append(row)
            self.titles.append(one_line(row.cells[place]))
            self.title_at.append(place)
        if len(titles) > 1:
            why = sentence(
                "Titles are in several columns: {heads}.",
                heads=", ".join(
                    self._columns[at].head if at in self._columns else letter(at) for at in titles
                ),
            )
            self._source.warn(self._header.row, "", "", why)
            for at in titles[1:]:
                head = self._columns[at].head if at in self._columns else letter(at)
                self.more_titles[at] = Column("title", head)

    def _titled(self, row: Row) -> tuple[Row, Sentence | None]:
        titled = _filled(row, self._header.fields["title"])
        return row, None if titled else sentence("The task has no title.")

    def _is_heading(
        self, row: Row, why_not: Sentence | None, below: list[tuple[Row, Sentence | None]]
    ) -> bool:
        """Return whether a row is the heading of those that follow: a lone text, unlike a task."""
        filled = [at for at, cell in enumerate(row.cells) if one_line(cell)]
        title = self._header.fields["title"]
        if len(filled) != 1 or filled[0] > title or not re.search(r"[^\W\d_]", said(row)):
            return False
        if why_not is not None:
            return filled[0] < title
        if filled[0] in row.wide:
            return True
        numbers = self._header.fields.get("id")
        others = [each for each, reason in below if reason is None and _count(each) > 1]
        bold = filled[0] in row.looks and row.looks[filled[0]].bold
        return len(others) > 0 and (
            (numbers is not None and all(_filled(each, numbers) for each in others))
            or (bold and not any(title in e.looks and e.looks[title].bold for e in others))
        )

    def _more_titles(self) -> list[int]:
        """Return the columns with titles of deeper levels, right of the title.

        Each row has one title, in whichever of them it is.
        """
        found: list[int] = []
        at = self._header.fields["title"]
        taken = {row.number for row in self._below if _filled(row, at)}
        while True:
            at += 1
            column = self._columns.get(at)
            here = {row.number for row in self._below if _filled(row, at)}
            if (column and column.field) or not here or here & taken:
                return found if len(taken) > 1 else []
            taken |= here
            found.append(at)

    def _see(self) -> None:
        """Report what is visible in the rows but in no cell."""
        title = self._header.fields["title"]
        struck = [r.number for r in self.rows if title in r.looks and r.looks[title].struck]
        hidden = [row.number for row in self.rows if row.hidden]
        comments = sum(len(row.comments) for row in self.rows)
        if struck:
            why = counted(
                "{n} title is struck through, in row {rows}; its task was imported anyway.",
                "{n} titles are struck through, in rows {rows}; their tasks were imported anyway.",
                len(struck),
                rows=some(struck),
            )
            self._source.warn(0, self._columns[title].head, "", why)
        if hidden:
            why = counted(
                "{n} row is hidden in the sheet: {rows}. It was imported anyway.",
                "{n} rows are hidden in the sheet: {rows}. They were imported anyway.",
                len(hidden),
                rows=some(hidden),
            )
            self._source.warn(0, "", "", why)
        if comments:
            why = counted(
                "The comment on {n} cell is in the notes.",
                "The comments on {n} cells are in the notes.",
                comments,
            )
            self._source.warn(0, "", "", why)


def _filled(row: Row, at: int) -> bool:
    return at < len(row.cells) and bool(one_line(row.cells[at]))


def _count(row: Row) -> int:
    return sum(bool(one_line(cell)) for cell in row.cells)
