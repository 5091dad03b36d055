"""The rows of a sheet that belong to its table, and those between and below them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from tracker.domain.sentence import Sentence, sentence
from tracker.exchange.cell_values import canonical, plain
from tracker.exchange.headers import Header, meaning
from tracker.exchange.source import harmless, harmless_value
from tracker.exchange.spreadsheet import Cell, Row

_TOTAL = re.compile(
    r"(?:(?:zwischen|gesamt|teil|end)?summen?"
    r"|gesamt(?:aufwand|aufwände|dauer|stunden|kosten|tage|zeit)?|insgesamt"
    r"|total|grand total|sub-?total|sum|totals|Σ|∑)(?:\s*\(.*\))?\s*[:.=]?"
    r"(?:\s+(?:aufwand|dauer|stunden|tage|pt|effort|hours|days|work|duration|phase|projekt|project)"
    r"\b.*)?(?:\s*[\d.,]+\s*\w*)?",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"(?:stand|datum|as of|date|version|autor|author|erstellt|created|gedruckt|printed|seite|page"
    r"|letzte änderung|last updated?|quelle|source)\b[^:]{0,20}[:.]?\s*.*\d.*",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:legende|legend|hinweise?|anmerkungen|erläuterung(?:en)?|ressourcen|resources|risiken|risks"
    r"|kontakte|ansprechpartner|contacts|abkürzungen|abbreviations|quellen|sources|statuswerte"
    r"|farben|colou?rs|key|glossar|glossary|team|projektteam)\s*:?",
    re.IGNORECASE,
)


def one_line(cell: Cell) -> str:
    """Return a cell as one line of harmless text."""
    if isinstance(cell, str) and cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    return " ".join(harmless(canonical(plain(cell)))[0].split())


def said(row: Row) -> str:
    """Return a row as a report quotes it."""
    return harmless_value(" | ".join(filter(None, map(one_line, row.cells))))


def sifted(
    rows: Iterable[Row], header: Header, titles: Collection[int]
) -> Iterator[tuple[Row, Sentence | None]]:
    """Walk over the rows below a header, each with the reason why it is no task, if it is none.

    `titles` are the positions of the columns with titles.
    """
    return _Sifting(header, titles).rows(rows)


def is_form(rows: Sequence[Row], header: Header) -> bool:
    """Return whether what looks like a table is a form: names on the left, values on the right."""
    title = header.fields["title"]
    if len(header.fields) > 1 or title + 1 >= len(rows[0].cells if rows else ()):
        return False
    left = [
        one_line(row.cells[title]) for row in rows if title < len(row.cells) and row.cells[title]
    ]
    named = [text for text in left if meaning(text)[0] is not None]
    asked = [text for text in left if text.endswith(("?", ":"))]
    widest = max(sum(cell is not None for cell in row.cells) for row in rows)
    return widest <= 3 and 2 * len({*named, *asked}) >= len(left) >= 2


class _Sifting:
    """The rows below a header, being sorted into tasks and others."""

    def __init__(self, header: Header, titles: Collection[int]) -> None:
        self.header, self.titles = header, titles
        self.heads: Mapping[int, str] = {at: c.head for at, c in header.columns.items()}
        self.numbers = header.fields.get("id")
        self._ended: Sentence | None = None
        self._numbered = True

    def rows(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Sentence | None]]:
        """Walk over the rows with the reasons."""
        first = True
        for block in _blocks(rows):
            aside = None if first else self._caption(block)
            for at, row in enumerate(block):
                why = self._why(row, after_blank=at == 0 and not first)
                if why is None and aside is not None:
                    why = sentence(
                        "Part of “{caption}”, not of the list: {text}",
                        caption=aside,
                        text=said(row),
                    )
                yield row, why
                if why is None and self.numbers is not None:
                    self._numbered &= self._has_number(row)
            first = False

    def _why(self, row: Row, *, after_blank: bool) -> Sentence | None:
        texts = [one_line(cell) for cell in row.cells]
        title = next((texts[at] for at in self.titles if at < len(texts) and texts[at]), "")
        filled = [text for text in texts if text]
        if all(at < len(texts) and texts[at] == head for at, head in self.heads.items()):
            self._ended = None
            return sentence("The header is repeated.")
        if self._ended is not None:
            return self._ended
        if self._heads_another(texts, after_blank):
            self._ended = sentence(
                "Part of another table, with its header in row {row}.", row=row.number
            )
            return sentence("Header of another table: {text}", text=said(row))
        numbered = self.numbers is not None and self._has_number(row)
        if not numbered and filled and _TOTAL.fullmatch(title or filled[0]):
            return sentence("Total row: {text}", text=said(row))
        if (
            not numbered
            and len(filled) == 1
            and _STAMP.fullmatch(filled[0])
            and self._beside(title)
        ):
            return sentence("Line next to the list: {text}", text=said(row))
        if not title:
            return sentence("The row has no title: {text}", text=said(row))
        return None

    def _beside(self, title: str) -> bool:
        """Return whether a lone line cannot be a task, since the tasks fill more cells."""
        return not title or self.numbers is not None or len(self.heads) > 1

    def _has_number(self, row: Row) -> bool:
        at = self.numbers
        text = one_line(row.cells[at]) if at is not None and at < len(row.cells) else ""
        return any(sign.isdigit() for sign in text)

    def _heads_another(self, texts: list[str], after_blank: bool) -> bool:
        """Return whether a row heads a table of something else: words that are heads, no values."""
        filled = {at: text for at, text in enumerate(texts) if text}
        if len(filled) < 2 or any(sign.isdigit() for text in filled.values() for sign in text):
            return False
        same = [at for at, text in filled.items() if self.heads.get(at) == text]
        if len(same) >= 2 or (same and self.numbers in same):
            return True
        known = [text for text in filled.values() if meaning(text)[0] is not None]
        return after_blank and len(known) >= 2 and 2 * len(known) > len(filled)

    def _caption(self, block: list[Row]) -> str | None:
        """Return the caption of a block behind a blank row that is no part of the list."""
        filled = [text for text in map(one_line, block[0].cells) if text]
        if len(filled) != 1 or any(map(self._has_number, block)):
            return None
        caption = filled[0]
        unlike = self.numbers is not None and self._numbered and len(block) > 1
        return harmless_value(caption) if unlike or _CAPTION.fullmatch(caption) else None


def _blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Walk over the rows in groups between which rows are blank."""
    block: list[Row] = []
    for row in rows:
        if block and row.number > block[-1].number + 1:
            yield block
            block = []
        block.append(row)
    if block:
        yield block
