"""The text of bytes of unknown encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice, pairwise

from tracker.domain.errors import BadInput
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
# A word with a letter beyond ASCII.
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]*[^\x00-\x7f\s][^\s,;|.()\"]*")
_LONGEST_WORD = 40
_COMMON = frozenset("äöüÄÖÜß")
_LETTERS = frozenset("éèêëàâáãåæçñóòôõøíìîïúùûýœšžÉÈÀÁÂÇÑÓÔØÅÆÍÚŠŽ")
_SIGNS = frozenset("€§°²³½¼¾µ×·…•–—„“”‚‘’‹›«»®©™±≤≥≈¿¡£\u00a0")
_WITHIN_WORDS = frozenset("’‘·")
_MOST_TIMES = 3
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_FAR_BETTER = 4


def _taken_for(page: str) -> re.Pattern[str]:
    """Return how a character of UTF-8 looks where its bytes were read in a code page."""

    def signs(first: int, last: int) -> str:
        alone = (bytes([n]) for n in range(first, last + 1))
        shown = "".join(each.decode(page, "ignore") for each in alone)
        # Programs show what Windows-1252 leaves undefined as Latin-1 does.
        return re.escape(shown + "".join(map(chr, range(first, last + 1))) * (page == "cp1252"))

    later = f"[{signs(0x80, 0xBF)}]"
    return re.compile(
        f"[{signs(0xC2, 0xDF)}]{later}|[{signs(0xE0, 0xEF)}]{later}{{2}}"
        f"|[{signs(0xF0, 0xF4)}]{later}{{3}}"
    )


_TWICE = {page: _taken_for(page) for page in ("cp1252", "mac_roman", "cp850")}


def decoded(
    data: bytes, *, as_meant: Callable[[str], bool] = lambda _text: False, encoding: str = ""
) -> tuple[str, Sentence | None]:
    """Return the text of bytes, and what had to be guessed.

    With the name of an `encoding` nothing is; raises BadInput if there is none of that name.
    Else in this order: UTF-32 by its mark, UTF-16 by its mark or its zero bytes, strict UTF-8
    (parts of which may have been encoded twice, unless it is `as_meant`), UTF-8 with lines or
    bytes of another encoding, and the code page whose letters make the best words.
    """
    if encoding:
        return _named(data, encoding), None
    # The mark of UTF-32 begins as that of UTF-16 does.
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _whole(data.decode("utf-32", "replace"), as_meant)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _whole(data.decode("utf-16", "replace"), as_meant)
    data = data.removeprefix(codecs.BOM_UTF8)
    head = data[:4096]
    for first, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        if head[first::2].count(0) * 4 > len(head) > head[1 - first :: 2].count(0) * 40:
            return _whole(data.decode(encoding, "replace"), as_meant)
    try:
        return _whole(data.decode("utf-8"), as_meant)
    except UnicodeDecodeError:
        return _by_lines(data.split(b"\n"), as_meant)


def _named(data: bytes, encoding: str) -> str:
    """Return the text of bytes in an encoding that somebody has named."""
    try:
        text = data.decode(encoding, "replace")
    except (LookupError, ValueError):
        raise BadInput("There is no encoding {name}; try cp1252.", name=encoding) from None
    return text.removeprefix("\ufeff")


def _whole(text: str, as_meant: Callable[[str], bool]) -> tuple[str, Sentence | None]:
    """Return a text without its second encodings, and what is strange in it."""
    text, remark = (text, None) if as_meant(text) else _once(text)
    if (lost := text.count("\ufffd")) and not as_meant(text):
        line = text[: text.index("\ufffd")].count("\n") + 1
        gone = counted(
            "One character was already lost in the file, in line {line}: �",
            "{n} characters were already lost in the file, the first in line {line}: �",
            lost,
            line=line,
        )
        remark = sentence("{first} {second}", first=remark, second=gone) if remark else gone
    return text, remark


def _by_lines(lines: list[bytes], as_meant: Callable[[str], bool]) -> tuple[str, Sentence | None]:
    """Return the text of lines that are not all UTF-8: each may have an encoding of its own."""
    texts = [_strict(line) for line in lines]
    strange = 0
    for at, line in enumerate(lines):
        mixed = line.decode("utf-8", "surrogateescape") if texts[at] is None else ""
        # Each undecodable byte is one character of `mixed`, and so is each of ASCII.
        odd = len(mixed) - len(line.decode("utf-8", "ignore")) if mixed else 0
        if odd and len(mixed) - len(line.translate(None, _BEYOND_ASCII)) > 2 * odd:
            texts[at] = _BYTE.sub(_as_windows, mixed)
            strange += odd
    unicode = any(text and not text.isascii() for text in texts)
    others = [at for at, text in enumerate(texts) if text is None]
    usual = _best([lines[at] for at in others])
    whole = "\n".join(line.decode(usual, "replace") for line in lines)
    own = not unicode and as_meant(whole)
    told: dict[str, list[int]] = {}
    for at in others:
        page = usual if own else _of_line(lines[at], usual)
        texts[at] = lines[at].decode(page, "replace")
        told.setdefault(page, []).append(at + 1)
    text = "\n".join(each or "" for each in texts)
    if not told:
        return text, counted(
            "One byte is not UTF-8; read as Windows-1252.",
            "{n} bytes are not UTF-8; read as Windows-1252.",
            strange,
        )
    if len(told) == 1 and not unicode:
        name = _CODE_PAGES[usual if usual in told else next(iter(told))]
        if word := _strange_word(text):
            return text, sentence(
                "The file is not UTF-8; read as {encoding}, but {word} looks wrong. Save the list"
                " as UTF-8 if it is.",
                encoding=name,
                word=word,
            )
        return text, sentence("The file is not UTF-8; read as {encoding}.", encoding=name)
    return text, _several(told)


def _strange_word(text: str) -> str:
    """Return a word that no western language has, as pages of other alphabets make them.

    Beside each other there are ö and ß, say, but hardly two of the rarer letters.
    """
    for found in _WORD.finditer(text):
        word = found[0][:_LONGEST_WORD]
        beside = any(
            not _COMMON.issuperset(one + other)
            for one, other in pairwise(word)
            if one != other and (one + other).isalpha() and not (one.isascii() or other.isascii())
        )
        if beside or min(_judged(word), default=0) < 0:
            return word
    return ""


def _several(told: Mapping[str, list[int]]) -> Sentence:
    """Return the sentence on lines that have encodings of their own."""
    whole = Sentence("")
    for page, lines in told.items():
        one = counted(
            "Line {line} was read as {encoding}.",
            "{n} lines were read as {encoding}, the first is line {line}.",
            len(lines),
            line=lines[0],
            encoding=_CODE_PAGES[page],
        )
        whole = sentence("{first} {second}", first=whole, second=one) if whole.text else one
    return sentence("The file has several encodings. {lines}", lines=whole)


def _strict(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _best(lines: list[bytes]) -> str:
    """Return the code page in which lines make the best words."""
    data = b"\n".join(lines)
    return max(_CODE_PAGES, key=lambda page: _worth(data.decode(page, "replace")))


def _of_line(line: bytes, usual: str) -> str:
    """Return the code page of a line: the usual one, unless another makes far better words."""
    text = line.decode(usual, "replace")
    if min(islice(_judged(text), _JUDGED), default=0) >= 0:
        return usual
    best = _best([line])
    far = _worth(line.decode(best, "replace")) - _worth(text) >= _FAR_BETTER
    return best if far else usual


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
            within = before.isalpha() and after.islower()
            odd = sign.isupper() and (before.islower() or within)
            yield -4 if odd else 1 if not in_word else 4 if sign in _COMMON else 2
        elif sign in _SIGNS:
            inside = before.isalpha() and after.isalpha() and sign not in _WITHIN_WORDS
            yield -4 if inside else 3 if before.isalpha() and after.isalpha() else 1
        else:
            yield -4


def _once(text: str) -> tuple[str, Sentence | None]:
    """Return a text without the second of two encodings, or the third, where there was one."""
    if text.isascii():
        return text, None
    lines = text.split("\n")
    times, left = 0, 0
    for at, line in enumerate(lines):
        if line.isascii():
            continue
        undone, pairs, rest = _undone(line)
        # What is right as it is says that such a pair is meant, or that only a part is wrong.
        if pairs and any(sign in _COMMON for sign in rest):
            left = left or at + 1
        elif pairs:
            lines[at] = undone
            times += pairs
    if left:
        why = sentence(
            "Line {line} looks as if parts of it were encoded twice; it was left as it is.",
            line=left,
        )
        if not times:
            return text, why
    if not times:
        return text, None
    remark = counted(
        "One doubly encoded character was corrected.",
        "{n} doubly encoded characters were corrected.",
        times,
    )
    return "\n".join(lines), sentence(
        "{first} {second}", first=remark, second=why
    ) if left else remark


def _undone(line: str) -> tuple[str, int, str]:
    """Return a line without encodings too many, how many characters that makes, and the rest."""
    best = line, 0, line
    for page, pattern in _TWICE.items():
        undone = line
        for _time in range(_MOST_TIMES):
            undone, pairs = pattern.subn(partial(_as_utf8, page=page), undone)
            if not pairs or "\ufffd" in undone:
                break
            if _worth(undone) > _worth(best[0]):
                best = undone, pairs, pattern.sub("", line)
    return best


def _as_utf8(found: re.Match[str], page: str) -> str:
    data = b""
    for sign in found[0]:
        try:
            data += sign.encode(page)
        except UnicodeEncodeError:
            data += bytes([ord(sign)]) if ord(sign) < 256 else b"?"
    return data.decode("utf-8", "replace")
