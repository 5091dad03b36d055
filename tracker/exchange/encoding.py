"""The text of bytes of unknown encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from itertools import islice

from tracker.domain.sentence import Sentence, counted, sentence

_BYTE = re.compile("[\udc80-\udcff]")
# What lists are saved in besides Unicode, the likeliest first: a tie goes to it.
_CODE_PAGES = {
    "cp1252": "Windows-1252 (CP1252)",
    "iso8859-15": "ISO-8859-15 (Latin-9)",
    "mac_roman": "Mac Roman",
    "cp850": "CP850 (DOS)",
    "cp437": "CP437 (DOS)",
}
_STRANGE = re.compile(r"(?s)(?<=(.))[^\x00-\x7f](?=(.))")
_JUDGED = 2_000
_COMMON = frozenset("äöüÄÖÜß")
_LETTERS = frozenset("éèêëàâáãåæçñóòôõøíìîïúùûýœšžÉÈÀÁÂÇÑÓÔØÅÆÍÚŠŽ")
_SIGNS = frozenset("€§°²³½¼¾µ×·…•–—„“”‚‘’‹›«»®©™±≤≥≈¿¡£\u00a0")
_WITHIN_WORDS = frozenset("’‘·")
# UTF-8 taken for Windows-1252: the first byte of a character, and those that follow it.
_LATER = "".join(chr(n) + bytes([n]).decode("cp1252", "ignore") for n in range(0x80, 0xC0))
_TWICE = re.compile(
    f"[\u00c2-\u00df][{_LATER}]|[\u00e0-\u00ef][{_LATER}]{{2}}|[\u00f0-\u00f4][{_LATER}]{{3}}"
)


def decoded(
    data: bytes, *, as_meant: Callable[[str], bool] = lambda _text: False
) -> tuple[str, Sentence | None]:
    """Return the text of bytes, and what had to be guessed.

    In this order: what a byte order mark says, UTF-16 by its zero bytes, strict UTF-8 (which may
    have been encoded twice, unless it is `as_meant`), UTF-8 with some strange bytes, and the code
    page whose letters make the best words.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            text = data.decode(encoding, "replace")
            return (text, None) if as_meant(text) else _once(text)
    head = data[:4096]
    for first, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        if head[first::2].count(0) * 4 > len(head) > head[1 - first :: 2].count(0) * 40:
            return data.decode(encoding, "replace"), None
    try:
        return _once(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "surrogateescape")
    strange = len(_BYTE.findall(text))
    if sum(not c.isascii() for c in text) > 2 * strange:
        remark = counted(
            "One byte is not UTF-8; read as Windows-1252.",
            "{n} bytes are not UTF-8; read as Windows-1252.",
            strange,
        )
        return _BYTE.sub(_as_windows, text), remark
    texts = {page: data.decode(page, "replace") for page in _CODE_PAGES}
    page = max(texts, key=lambda each: _worth(texts[each]))
    return texts[page], sentence(
        "The file is not UTF-8; read as {encoding}.", encoding=_CODE_PAGES[page]
    )


def is_narrow(data: bytes) -> bool:
    """Return whether bytes are of an encoding that cannot hold every letter."""
    marks = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if data.startswith(marks) or b"\0" in data[:4096]:
        return False
    try:
        # Pure ASCII does not show what the encoding can hold.
        return data.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return True


def narrowed(text: str) -> Iterator[str]:
    """Walk over the forms a text may have in an encoding that cannot hold all its letters."""
    # Where a program thinks in units of two bytes, a rare letter becomes two question marks.
    for said in (text, "".join("??" if ord(c) > 0xFFFF else c for c in text)):
        for page in _CODE_PAGES:
            data = said.encode(page, "replace")
            for taken in _CODE_PAGES:
                yield data.decode(taken, "replace")


def _as_windows(found: re.Match[str]) -> str:
    return bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace")


def _worth(text: str) -> int:
    """Return how much the letters beyond ASCII look like words of a western language."""
    return sum(islice(_judged(text), _JUDGED))


def _judged(text: str) -> Iterator[int]:
    for found in _STRANGE.finditer(f" {text} "):
        sign, before, after = found[0], found[1], found[2]
        in_word = before.isalpha() or after.isalpha()
        if sign in _COMMON or sign in _LETTERS:
            # Whole words may be capitals; one capital within a word is none.
            odd = sign.isupper() and before.islower()
            yield -4 if odd else 1 if not in_word else 4 if sign in _COMMON else 2
        elif sign in _SIGNS:
            inside = before.isalpha() and after.isalpha() and sign not in _WITHIN_WORDS
            yield -4 if inside else 3 if before.isalpha() and after.isalpha() else 1
        else:
            yield -4


def _once(text: str) -> tuple[str, Sentence | None]:
    """Return a text without the second of two encodings, if there was one."""
    if text.isascii():
        return text, None
    undone, times = _TWICE.subn(_as_utf8, text)
    # Some such pair may be meant; but not most of what is beyond ASCII, nor one that is no worse.
    most = 2 * times >= sum(not c.isascii() for c in undone)
    if not times or not most or _worth(undone) <= _worth(text):
        return text, None
    remark = counted(
        "One doubly encoded character was corrected.",
        "{n} doubly encoded characters were corrected.",
        times,
    )
    return undone, remark


def _as_utf8(found: re.Match[str]) -> str:
    data = b"".join(bytes([ord(c)]) if ord(c) < 256 else c.encode("cp1252") for c in found[0])
    return data.decode("utf-8", "replace")
