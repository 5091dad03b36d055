"""The tables of a file that Primavera P6 exports as XER: lines of text with tabs between values.

`%T` names a table, `%F` its fields, each `%R` is a row of it, and `%E` ends the file. Nothing says
in which code page the exporting machine wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from tracker.domain.sentence import Sentence, counted, sentence
from tracker.exchange.encoding import decoded
from tracker.exchange.source import MAX_BYTES, Source, damaged, too_large

XerRow = dict[str, str]

_CODE_PAGE = "cp1252"
# All that the program knows of, with signs of many alphabets.
_CURRENCIES = "CURRTYPE"
# Two letters beyond ASCII in a row are rare in what Windows-1252 is for, three are none of it.
_OTHER_ALPHABET = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]{3,}")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?: \d{1,2}:\d{2})?")
_NUMBER = re.compile(r"[-+]?\d*[.,]?\d*(?:[eE][-+]?\d{1,3})?")
_BREAK = re.compile("\x7f{1,2}")


def read_tables(
    data: bytes, source: Source, encoding: str, is_wanted: Callable[[str, str], bool]
) -> dict[str, list[XerRow]]:
    """Return the rows of all tables, of each the wanted fields, and report what was guessed.

    It is asked by the names of tables and fields. Line breaks within values are written as DEL
    signs. Raises BadInput for what is no such file.
    """
    if len(data) > MAX_BYTES:
        raise too_large(source.file, len(data))
    found: dict[str, list[XerRow]] = {}
    rows: list[XerRow] | None = None
    name = ""
    places: dict[int, str] = {}
    headed, filled = False, 0
    doubtful: list[str] = []
    text, is_guessed = _text(data, encoding)
    for line in text.split("\n"):
        mark, _tab, rest = line.rstrip("\r").partition("\t")
        values = rest.split("\t")
        match mark:
            case "%T":
                name = values[0].strip()
                rows, places, headed = found.setdefault(name, []), {}, False
            case "%F":
                names = (field.strip() for field in values)
                places = {at: each for at, each in enumerate(names) if is_wanted(name, each)}
                headed = True
            case "%R" if rows is not None and headed:
                if is_guessed and name != _CURRENCIES and not line.isascii():
                    doubtful.append(line)
                filled = len(values) - 1
                rows.append(
                    {each: _whole(values[at]) for at, each in places.items() if at <= filled}
                )
            case "%R":
                raise damaged(source.file, f"{mark} {rest[:60]}")
            case "%E":
                break
            case _ if rows and headed and line.strip():
                # What an old version broke over several lines goes on where it was.
                first, *more = line.rstrip("\r").split("\t")
                if field := places.get(filled):
                    rows[-1][field] = f"{rows[-1].get(field, '')}\n{_whole(first)}"
                for value in more:
                    filled += 1
                    if field := places.get(filled):
                        rows[-1][field] = _whole(value)
    else:
        source.cut_off("%E")
    if doubtful:
        for why in _doubts("\n".join(doubtful)):
            source.warn(0, "", "", why)
    return found


def day_of_stamp(text: str) -> date | None:
    """Return the day of a moment (`2026-12-07 08:00`), if it is one."""
    found = _DAY.fullmatch(text.strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def number_of(text: str) -> float | None:
    """Return a number, whose decimal sign is that of the exporting machine."""
    text = text.strip()
    if "," in text and "." in text:
        # The first one sets thousands apart.
        text = text.replace(min(",.", key=text.rfind), "")
    if not text or not _NUMBER.fullmatch(text):
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _whole(value: str) -> str:
    return _BREAK.sub("\n", value) if "\x7f" in value else value


def _text(data: bytes, encoding: str) -> tuple[str, bool]:
    """Return the text by the code page that is named, or else by the usual one, as a guess."""
    if encoding or data.isascii():
        return decoded(data, encoding=encoding)[0], False
    try:
        return data.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return data.decode(_CODE_PAGE, "replace"), True


def _doubts(text: str) -> Iterator[Sentence]:
    odd = _OTHER_ALPHABET.findall(text)
    if odd:
        yield sentence(
            "Read as Windows-1252, but {text} looks like another alphabet; --encoding names the"
            " code page, such as cp1250 or cp1251.",
            text=odd[0][:30],
        )
    else:
        yield sentence("Read as Windows-1252; --encoding names another code page.")
    if lost := text.count("\ufffd"):
        yield counted(
            "{n} sign is none of Windows-1252 and was lost.",
            "{n} signs are none of Windows-1252 and were lost.",
            lost,
        )
