"""The text of a cell: lists, people, marks, blanks in words, and errors."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime, time
from typing import NamedTuple

from tracker.domain.typing import field_values
from tracker.domain.typing.vocabulary import meaning_key
from tracker.exchange.number_formats import Figure
from tracker.exchange.spreadsheet import Cell


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split(", "))


_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_FORMULA = re.compile("'*[=+\\-@\t\r\n\0]")

# What spreadsheets show in English and German where a formula has failed.
_ERRORS = _words(
    "#N/A, #NAME?, #REF!, #VALUE!, #DIV/0!, #NULL!, #NUM!, #SPILL!, #CALC!, #FIELD!, #BLOCKED!, "
    "#UNKNOWN!, #CONNECT!, #GETTING_DATA, #NV, #BEZUG!, #WERT!, #ZAHL!, #ÜBERLAUF!, #KALK!, #FELD!"
)
_NOTHING = _words(
    "keine, keiner, kein, keins, none, null, nil, nan, na, ka, tbd, tba, tbc, ns, nv, entfaellt, "
    "unbekannt, unknown, nichtbekannt, notset, empty, blank, leer, nobody, niemand, keineangabe, "
    "nochoffen, nochunklar"
)
# With whatever else is between their letters.
_LONGEST_NOTHING = 40
# In a column of people these words mean that nobody is named yet.
_NOBODY = _words(
    "offen, open, nn, unassigned, nichtzugewiesen, nichtzugeordnet, unzugewiesen, alle, all, team"
)

_YES = frozenset(("x", "ja", "j", "yes", "y", "true", "wahr", "1", "ok", "erledigt", "done"))
_NO = frozenset(("nein", "no", "n", "false", "falsch", "0", "offen", "open"))
_TICKS = frozenset("✓✔☑✅🗹☒ü")  # ü: a tick in Wingdings, which leaves its letter in a CSV
_BOXES = frozenset("☐□○✗✘")

_BRACKETED = re.compile(r"\s*[\[{](.*)[\]}]\s*", re.DOTALL)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
# Between people without a doubt, and where `Brandt, Karin` could be one person.
# Nothing within brackets divides, nor a word that begins a name: `AND Systems`. No bracket and no
# name of a material is longer than so much: cells without an end would be searched to it each time.
_BETWEEN_PEOPLE = re.compile(
    r"(?:[;\n|&/+]|(?<=\s)(?:und|and|u\.)(?=\s))(?![^()]{0,300}\))", re.IGNORECASE
)
_SHARE_OF = re.compile(r"(?<!\s)\s*[\[(]\s*\d+(?:[.,]\d+)?\s*%?\s*[\])]")
_MATERIAL = re.compile(r"[^\[;,]{1,300}\[\s*\d+(?:[.,]\d+)?\s*[^\W\d][^\]]{0,300}\]")


class People(NamedTuple):
    """The people that a cell names.

    `doubtful` is set if one could be two, `share` if the cell gives their share, `materials`
    if it names things besides; `turned` are those written last name first.
    """

    names: list[str]
    doubtful: bool = False
    share: bool = False
    materials: bool = False
    turned: tuple[str, ...] = ()


def items(cell: Cell, separators: str) -> list[str]:
    """Read a list; the first of `separators` that occurs divides it, as do line breaks.

    An item in quotation marks may hold separators.
    """
    text = plain(cell)
    mark = next((mark for mark in separators if mark in text), separators[0])
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
    return list(dict.fromkeys(item.strip() for line in lines for item in line if item.strip()))


def unbracketed(cell: Cell) -> Cell:
    """Return a cell without the brackets around its list, if it has some."""
    found = _BRACKETED.fullmatch(cell) if isinstance(cell, str) else None
    return found[1] if found else cell


def joined_items(texts: list[str]) -> str:
    """Write a list so that `items` with the separator `;` reads it again."""
    return "; ".join(
        '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ';,"\n\r') else text
        for text in texts
    )


def without_formula(text: str) -> str:
    """Return a text so that no spreadsheet program takes it for a formula.

    An apostrophe goes before it, and before one that was there already, so that `unescaped` can
    distinguish them. OWASP, "CSV Injection".
    """
    return "'" + text if _FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """Return a text as it was before `without_formula`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def plain(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a point, dates as ISO 8601 has them."""
    if isinstance(cell, Figure):
        return cell.text
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != time.min else cell.date().isoformat()
    return "" if cell is None else str(cell).strip()


def canonical(text: str) -> str:
    """Return a text in normal form, without invisible blanks."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def is_error(cell: Cell) -> bool:
    """Return whether a spreadsheet shows an error here."""
    return isinstance(cell, str) and "#" in cell and cell.strip().upper() in _ERRORS


def is_nothing(text: str, *, person: bool = False) -> bool:
    """Return whether a text stands for an empty cell: `-`, `k.A.`, `n/a`, `tbd`."""
    if text[:1].isdecimal():
        return False
    if len(text) > _LONGEST_NOTHING:
        return is_mere_sign(text)
    word = meaning_key(text)
    return word in _NOTHING or (person and word in _NOBODY) or (not word and is_mere_sign(text))


def is_mere_sign(text: str) -> bool:
    """Return whether a text is nothing but dashes and the like."""
    return all(sign in "-–—−?./_·… ()[]" for sign in text)


def ticked(cell: Cell) -> bool | None:
    """Return whether a cell is a mark for yes or for no; None if it is neither."""
    if isinstance(cell, bool):
        return cell
    text = plain(cell).strip("\ufe0f")
    word = text.casefold()
    if word in _YES or text in _TICKS:
        return True
    return False if word in _NO or text in _BOXES else None


def alone(cells: Iterable[Cell]) -> frozenset[str]:
    """Return the names that are alone in a cell, as they compare."""
    texts = map(plain, cells)
    return frozenset(meaning_key(text) for text in texts if not re.search(r"[,;\n|&/+\[\]]", text))


def people(cell: Cell, alone: Collection[str], between: str = "") -> People:
    """Read the people a cell names; with `between` only that parts them.

    Else a comma divides them where `alone`, the names found alone elsewhere, holds one of them,
    or where each is a full name; else `Brandt, Karin` is one.
    """
    text = plain(cell).translate(_QUOTES)
    bracketed = None if between else _BRACKETED.fullmatch(text)
    if bracketed and "," in bracketed[1]:
        return People(items(bracketed[1], ";,"))
    text = bracketed[1] if bracketed else text
    bare, materials = _MATERIAL.subn("", text)
    bare, shares = _SHARE_OF.subn("", bare)
    names: list[str] = []
    last_first: tuple[str, ...] = ()
    doubtful = False
    for part in bare.split(between) if between else _BETWEEN_PEOPLE.split(bare):
        if between:
            names.append(part.strip())
            continue
        parted = [each.strip() for each in part.split(",") if each.strip()]
        several = len(parted) != 2 or all(" " in each for each in parted)
        turned = " ".join(reversed(parted))
        if len(parted) == 2 and meaning_key(turned) in alone:
            # `Brandt, Karin` is Karin Brandt of another row.
            names.append(turned)
            last_first += (turned,)
        elif several or any(meaning_key(each) in alone for each in parted):
            names += parted
        else:
            names.append(part.strip())
            doubtful = True
    names = [name for name in names if not is_nothing(name, person=True)]
    return People(list(dict.fromkeys(names)), doubtful, shares > 0, materials > 0, last_first)


def exact_percent(share: float) -> str:
    """Write a share so that the very same number is read again."""
    text = f"{share * 100:.6g}%"
    return text if field_values.read_share(text) == share else repr(share)
