"""Titles that mean something to one format or another, and must mean nothing there."""

from __future__ import annotations

from hypothesis import strategies as st

from tracker.exchange.handout import one_line

AWKWARD = (
    'Firewall "freischalten" \\ end',
    "end",
    "graph TD",
    "A --> B; B -.-> C",
    "}\n t9 -> t1 [label=<b>x</b>]; {",
    "<script>alert(1)</script> & &lt;b&gt; &#60;",
    "#35; #quot; %% comment %%{init: {}}%%",
    "`Markdown **fett**`",
    "]]> [x](y){z}|w| ((( >>> ]] :::class",
    "gantt Abnahme: Teil 2 :done, t1, 2026-01-01, 1d",
    "section Netz",
    "click t1 call alert()",
    "\\N \\G \\l \\n \\",
    "Zeile 1\r\nEND:VTODO\r\nSUMMARY:falsch",
    "Semikolon; Komma, Umlaut ä\\; „Anführung“",
    "\x1b[31mrot\x1b[0m \x07 \x00",
    "---\ntitle: x\n---",
    "漢字 👩‍💻 e\u0301 \u200b",
    "project:Home +tag due:eom",
    "ganz lang " * 40,
    "'; DROP TABLE tasks; --",
)
hostile = st.sampled_from(AWKWARD) | st.text(
    st.characters(codec="utf-8"), min_size=1, max_size=30
).filter(lambda text: bool(text.strip()))


def visible(text: str) -> str:
    """Return a text as it is to be read in a picture."""
    line = one_line(text)
    return " ".join((line if len(line) <= 200 else line[:199] + "…").split())
