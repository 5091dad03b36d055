"""Numbers as a spreadsheet shows them: the format gives the unit, the prefix and the zeros."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])*')
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].'
    r"|(?P<mask>[0#?][0#?.,]*(?:E[+-]0+)?|General|Standard|@)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]|[%€$£]")


class Figure(float):
    """A number that is shown with more digits than it has: `1.10`, `007`."""

    text: str

    def __new__(cls, value: float, text: str) -> Figure:
        """Return the number with the text that the sheet shows for it."""
        made = super().__new__(cls, value)
        made.text = text
        return made

    def __str__(self) -> str:
        return self.text


class _Format(NamedTuple):
    before: str
    mask: str
    after: str

    @property
    def speaks(self) -> bool:
        """Whether it says more than how many digits there are."""
        return bool(_WORDS.search(self.before + self.after))


def displayed(value: float, code: str) -> str | float:
    """Return a number as a text where its format says something about it, else as it is."""
    if code == "General" or isinstance(value, bool):
        return value
    sections = _sections(code)
    at = 1 if value < 0 < len(sections) - 1 else 0
    form = sections[at]
    if form is None:
        return value
    if "%" in form.after or "%" in form.before:
        return f"{round(value * 100, 9):g}%"
    whole, _, rest = form.mask.partition(".")
    least, decimals = whole.count("0"), rest.count("0")
    digits = f"{abs(value):.12g}"
    if "e" in digits or "e" in form.mask.casefold().removeprefix("general"):
        return value
    number, _, fraction = digits.partition(".")
    text = number.zfill(least)
    if fraction or decimals:
        text += "." + fraction.ljust(decimals, "0")
    minus = "-" if value < 0 else ""
    if form.speaks:
        before = form.before.removesuffix(minus)
        return f"{before}{minus}{text}{form.after}".strip()
    return Figure(value, minus + text) if text != digits else value


def displayed_day(moment: date, code: str) -> str | date:
    """Return a date as a text where its format leaves out the day, else as it is."""
    tokens = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.', "", code.partition(";")[0].casefold())
    letters = set(re.findall("[dtmyjhs]", tokens))
    # T and J stand for days and years in the formats of German files.
    if letters & set("dths") or not letters & set("yj"):
        return moment
    day = moment.date() if isinstance(moment, datetime) else moment
    return f"{day:%Y-%m}" if "m" in letters else f"{day:%Y}"


@cache
def _sections(code: str) -> tuple[_Format | None, ...]:
    """Return what a format puts around positive numbers, then negative ones."""
    parts = [part for part in _SECTION.findall(code) if part]
    return tuple(map(_section, parts[:2])) or (None,)


def _section(code: str) -> _Format | None:
    before, mask, after = "", "", ""
    for token in _TOKEN.finditer(code):
        if token["mask"]:
            if mask:
                return None  # digits in several places are left alone
            mask = token["mask"]
            continue
        text = token["quoted"] or token["escaped"] or token["currency"] or token["other"] or ""
        if mask:
            after += text
        else:
            before += text
    return _Format(before, mask, after) if mask else None
