"""Text from people, made fit for a terminal: harmless, and measured in cells."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from tracker.domain.patterns import pattern


def _halves(code: int) -> tuple[int, ...]:
    """Return the one or two units of UTF-16 that stand for a character."""
    if code < 0x10000:
        return (code,)
    return 0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code & 0x3FF)


# What is shown for a character that would act on the terminal or turn the line around.
_SYMBOL = ord("\N{REPLACEMENT CHARACTER}")
_SHOWN: dict[int, int | None] = {code: 0x2400 + code for code in range(0x20)}
_SHOWN[0x7F] = ord("\N{SYMBOL FOR DELETE}")
_SHOWN |= dict.fromkeys(range(0x80, 0xA0), _SYMBOL)
_SHOWN |= dict.fromkeys((0x2028, 0x2029), ord("\N{SYMBOL FOR NEWLINE}"))
# Marks, embeddings and isolates of writing direction, and what else has no width but an effect.
# U+200D stays: it joins emoji and shapes Indic scripts.
_SHOWN |= dict.fromkeys(
    (0x61C, 0x180E, 0x200B, 0x200C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070)),
    _SYMBOL,
)
_SHOWN |= dict.fromkeys((0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)), _SYMBOL)
_SHOWN[0xAD] = ord("-")
# What makes one sign of two: terminals, tmux and the tables of widths do not agree on the cells it
# then takes, and the rest of the row would be shifted. Without, the plain sign is shown.
_VARIATIONS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_SKINS = range(0x1F3FB, 0x1F400)
_SHOWN |= dict.fromkeys((*_VARIATIONS, *_SKINS))
# Of joined emoji the first is shown; within a word the joiner is at home only in some scripts.
_JOINED = pattern(
    "(?:\u200d[\u2190-\u2bff\U0001f000-\U0001faff])+|(?<![\u0600-\u109f\u1780-\u1aff])\u200d"
)
_SHOWN |= dict.fromkeys(range(0xD800, 0xE000), _SYMBOL)

# More marks than any language piles on one letter; a pile of them only reddens other lines.
_PILE = pattern(
    r"([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_BEYOND_ASCII = pattern(r"[^\0-~]")
_NARROW = pattern(r"[ -~\xa0-\u02ff\u2500-\u25fc]*\Z")


def clean(text: str) -> str:
    """Return `text` with control and direction characters as symbols, each one cell wide.

    Emoji are shown as every terminal measures them: without variants, joined ones by the first.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(_SHOWN)
    if "\u200d" in text:
        text = _JOINED.sub("", text)
    return _PILE.sub(r"\1", text)


@cache
def _escapes() -> dict[int, str]:
    """Return them as JSON writes them, by halves where need be; its own line ends stay."""
    return {
        code: "".join(f"\\u{half:04x}" for half in _halves(code)) for code in _SHOWN if code >= 0x20
    }


def escaped_json(json: str) -> str:
    """Return JSON that says the same without any character that `clean` would replace."""
    if json.isascii():
        return json.replace("\x7f", "\\u007f")
    return json.translate(_escapes())


def ascii_json(json: str) -> str:
    """Return JSON that says the same in ASCII alone, and without what `clean` would replace."""
    return _BEYOND_ASCII.sub(
        lambda found: "".join(f"\\u{half:04x}" for half in _halves(ord(found[0]))), json
    )


def ascii_only(text: str) -> str:
    """Return clean `text` for a terminal that knows ASCII alone; umlauts are written out."""
    if text.isascii():
        return text
    return text.translate(_WRITTEN_OUT).encode("ascii", "replace").decode()


def ascii_cells(text: str) -> str:
    """Return clean `text` for a terminal that knows ASCII alone, each character as wide as it was.

    For text measured already: where there is room, `ascii_only` is more readable.
    """
    if text.isascii():
        return text
    if narrow(text):
        return "".join(map(_one_sign, text))
    return "".join(_one_sign(sign) if size == 1 else "?" * size for sign, size in graphemes(text))


@lru_cache(maxsize=1024)
def _one_sign(sign: str) -> str:
    written = _ONE_SIGN.get(sign) or unicodedata.normalize("NFKD", sign)[:1]
    return written if written.isascii() else "?"


def narrow(text: str) -> bool:
    """Return whether each character of a text is known, without a table, to take one cell."""
    return _NARROW.match(text) is not None


def width(text: str) -> int:
    """Return the width of clean text in cells, by the tables the screen itself uses."""
    if narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def graphemes(text: str) -> list[tuple[str, int]]:
    """Return what a reader takes for one character each, with its width; joined emoji are one."""
    from rich.cells import split_graphemes

    return [(text[start:stop], size) for start, stop, size in split_graphemes(text)[0]]


def fit(text: str, cells: int, *, ellipsis: str = "…") -> str:
    """Return clean `text` filled or cut to exactly `cells` cells, a cut shown by `ellipsis`."""
    short = cut(text, cells, ellipsis=ellipsis)
    return short + " " * (cells - width(short))


@lru_cache(maxsize=4096)
def cut(text: str, cells: int, *, ellipsis: str = "…") -> str:
    """Return clean `text` cut to at most `cells` cells, a cut shown by `ellipsis`."""
    # No text is narrower than one cell for ten characters of marks piled on it.
    text = text[: cells * 10 + 10]
    if width(text) <= cells:
        return text
    if cells <= len(ellipsis):
        return ellipsis[:cells]
    room = cells - len(ellipsis)
    if narrow(text):
        return text[:room].rstrip() + ellipsis
    return _head(text, room).rstrip() + ellipsis


def wrap(text: str, cells: int, lines: int = 0) -> list[str]:
    """Return clean `text` broken at spaces into lines of at most `cells` cells.

    With `lines` above 0 at most so many, the last one cut. A word longer than a line is broken.
    """
    done: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if width(joined) <= cells:
            line = joined
            continue
        if line:
            done.append(line)
        *heads, line = _broken(word, cells)
        done += heads
    done.append(line)
    if lines and len(done) > lines:
        done[lines - 1] = cut(" ".join(done[lines - 1 :]), cells)
        del done[lines:]
    return done


def _broken(word: str, cells: int) -> Iterator[str]:
    """Yield a word in parts of at most `cells` cells, however long it is."""
    at, most = 0, max(cells, 1) * 10 + 10
    # Looked at part by part: what is pasted may be one word of megabytes.
    while at + most < len(word):
        *heads, last = _filled(word[at : at + most], cells)
        for head in heads or [last]:
            yield head
            at += len(head)
    yield from _filled(word[at:], cells)


def _filled(text: str, cells: int) -> list[str]:
    """Return a text in lines of at most `cells` cells, but at least a character; never none."""
    if narrow(text):
        step = max(cells, 1)
        return [text[at : at + step] for at in range(0, len(text), step)] or [""]
    lines, used = [""], 0
    for char, size in graphemes(text):
        if used + size > cells and lines[-1]:
            lines.append("")
            used = 0
        lines[-1] += char
        used += size
    return lines


def _head(text: str, cells: int) -> str:
    """Return as much of a text as goes into `cells` cells."""
    head = ""
    used = 0
    for char, size in graphemes(text[: cells * 10 + 10]):
        if used + size > cells:
            break
        head, used = head + char, used + size
    return head


_WRITTEN_OUT: dict[int, str] = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ß": "ss",
        "–": "-",
        "—": "-",
        "…": "~",
        "±": "+-",
        "→": "->",
        "←": "<",
        "↑": "^",
        "↓": "v",
        "⇢": "~>",
        "↻": "r",
        "×": "x",
        "·": "-",
        "„": '"',
        "“": '"',
        "”": '"',
        "‚": "'",
        "‘": "'",
        "’": "'",
        "€": "EUR",
        "✓": "v",
        "│": "|",
        "─": "-",
    }
)
# What else is drawn, and letters that are no ASCII without their marks either.
_DRAWN = zip("ßẞ→←⇢⇠€¶◆•○⊘◐◷✓✗▲▽█╭╮╰╯", "sS><~~E|@&ob/wvX^_%++++", strict=True)
_ONE_SIGN = dict(_DRAWN) | dict.fromkeys("▁▂▃▄▅▆▇▉▊▋▌▍▎▏", " ")
_ONE_SIGN |= {chr(code): out for code, out in _WRITTEN_OUT.items() if len(out) == 1}
