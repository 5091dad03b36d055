"""What is tried on a plan, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracker.domain.arrow_fields import arrow_values
from tracker.domain.model import Task
from tracker.domain.verbs.what_if import WhatIf
from tracker.language import _
from tracker.wording import field_texts, return_words, show
from tracker.wording.figures import percent
from tracker.wording.show import Glyphs


def tried_notes(what_if: WhatIf, glyphs: Glyphs) -> dict[int, str]:
    """Return what is tried with each arrow, in a few words."""
    return {key: _note(what_if, key, glyphs) for key in what_if.links}


def _note(what_if: WhatIf, key: int, glyphs: Glyphs) -> str:
    old = what_if.plan.links[key]
    new = what_if.trial.links.get(key) if what_if.trial else old
    if new is None:
        return _("without it")
    if new.rate != old.rate:
        return f"{percent(old.rate)} {glyphs.right} {percent(new.rate)}"
    return _("what-if")


def tried_words(what_if: WhatIf, glyphs: Glyphs) -> Iterator[str]:
    """Yield what is tried, in words."""
    trial, arrow = what_if.trial or what_if.plan, glyphs.right
    for kind, key in what_if.tried:
        if kind is Task:
            before, after = (
                field_texts.text_of(ws, ws.tasks[key], "estimate") or _("no estimate")
                for ws in (what_if.plan, trial)
            )
            yield f"{show.name(trial, key)}: {before} {arrow} {after}"
            continue
        old, new = what_if.plan.links[key], trial.links.get(key)
        name = f"{old.source} {arrow} {old.target}"
        if new is None:
            yield _("without {arrow}").format(arrow=name)
        elif {**arrow_values(old), "rate": new.rate} == arrow_values(new):
            yield f"{name}: {percent(old.rate)} {arrow} {percent(new.rate)}"
        else:
            yield f"{name}: {options_words(**arrow_values(new))}"


def options_words(**options: Any) -> str:
    """Return all options of a return in words."""
    told = [*return_words.options(**options)]
    return ", ".join(told if options["limit"] is not None else [*told, _("no limit")])
