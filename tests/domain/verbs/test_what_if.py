"""What is tried on a plan: nothing is stored, what is refused goes, and all of it is one change."""

from __future__ import annotations

from functools import partial

import pytest

from tests.builders import NOW, plan
from tracker.domain.errors import BadInput, Conflict
from tracker.domain.model import Link, Task
from tracker.domain.typing.field_values import read_return_options, return_options_text
from tracker.domain.verbs import arrows, commands
from tracker.domain.verbs.what_if import WhatIf
from tracker.domain.workspace import Workspace


def with_return() -> tuple[Workspace, Link]:
    """Return a plan with a return of a rate of 30 %."""
    ws = plan("1-2")
    ws = ws.apply(arrows.link_return(ws, NOW, gate=2, target=1, rate=0.3))
    return ws, next(link for link in ws.links.values() if link.kind == "returns")


def test_what_is_tried_makes_a_plan_of_its_own_and_one_change() -> None:
    ws, link = with_return()
    what_if = WhatIf()
    what_if.put_link(link, rate=0.5)
    what_if.put(Task, 1, partial(commands.edit_task, task=1, likely=4.0))
    assert what_if.apply(ws, NOW) == []
    assert what_if.plan is ws
    assert what_if.links == {link.id}
    assert list(what_if.tried) == [(Link, link.id), (Task, 1)]
    assert what_if.trial is not None
    assert what_if.trial.links[link.id].rate == 0.5
    stored = ws.apply(what_if.command()(ws, NOW))
    assert stored.links == what_if.trial.links
    assert stored.tasks[1].likely == 4.0


def test_options_add_up_and_those_that_are_as_planned_try_nothing() -> None:
    ws, link = with_return()
    what_if = WhatIf()
    what_if.put_link(link, rate=0.5)
    what_if.apply(ws, NOW)
    what_if.put_link(link, limit=2)
    what_if.apply(ws, NOW)
    seen = what_if.link(link)
    assert seen is not None
    assert (seen.rate, seen.limit) == (0.5, 2)
    what_if.put_link(link, rate=link.rate, limit=link.limit)
    assert what_if.apply(ws, NOW) == []
    assert what_if.trial is None


def test_an_arrow_may_be_tried_to_do_without_and_the_last_step_taken_back() -> None:
    ws, link = with_return()
    what_if = WhatIf()
    what_if.put(Link, link.id, partial(arrows.unlink, link=link.id))
    what_if.apply(ws, NOW)
    assert what_if.link(link) is None
    assert link.id not in what_if.trial_links
    what_if.drop_last()
    what_if.apply(ws, NOW)
    assert what_if.link(link) == link
    assert link.id in what_if.trial_links


def test_what_is_refused_is_named_and_tried_no_more() -> None:
    ws, link = with_return()
    what_if = WhatIf()
    what_if.put_link(link, rate=0.5)
    without = ws.apply(arrows.unlink(ws, NOW, link=link.id))
    assert len(what_if.apply(without, NOW)) == 1
    assert (what_if.trial, list(what_if.tried)) == (None, [])


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("30% 50% 3", "30% 50% 3"), ("30", "30% 100%"), ("0.125:50", "12.500% 50%")],
)
def test_options_of_a_return_are_read_as_they_are_shown(typed: str, shown: str) -> None:
    _ws, link = with_return()
    options = read_return_options(typed)
    text = return_options_text(Link(**{**_fields(link), **options}))
    assert text == shown
    assert read_return_options(text) == options


@pytest.mark.parametrize("typed", ["", "30% 50% 3 4", "x"])
def test_other_options_are_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        read_return_options(typed)


def _fields(link: Link) -> dict[str, object]:
    return {name: getattr(link, name) for name in link.__struct_fields__}


def test_what_others_have_set_since_is_told_and_not_overwritten_unseen() -> None:
    ws, link = with_return()
    what_if = WhatIf()
    what_if.put_link(link, rate=0.5)
    what_if.put(Task, 1, partial(commands.edit_task, task=1, likely=4.0))
    assert what_if.apply(ws, NOW) == []
    other = ws.apply(commands.edit_task(ws, NOW, task=1, title="Netz", priority="high"))
    other = other.apply(arrows.edit_link(other, NOW, link=link.id, limit=7))
    assert other.apply(what_if.command()(other, NOW)).tasks[1].likely == 4.0
    assert what_if.apply(other, NOW) == []
    other = other.apply(commands.edit_task(other, NOW, task=1, likely=9.0))
    with pytest.raises(Conflict, match="1 Netz has been changed in the meantime"):
        what_if.command()(other, NOW)
    other = other.apply(arrows.edit_link(other, NOW, link=link.id, rate=0.1))
    told = what_if.apply(other, NOW)
    assert [error.fields for error in told if isinstance(error, Conflict)] == [
        ("rate",),
        ("likely",),
    ]
    stored = other.apply(what_if.command()(other, NOW))
    assert (stored.tasks[1].likely, stored.links[link.id].rate) == (4.0, 0.5)


def test_an_arrow_that_others_have_set_since_is_not_removed_unseen() -> None:
    ws, link = with_return()
    what_if = WhatIf()
    what_if.put(Link, link.id, partial(arrows.unlink, link=link.id))
    what_if.apply(ws, NOW)
    other = ws.apply(arrows.edit_link(ws, NOW, link=link.id, limit=7))
    with pytest.raises(Conflict, match="has been changed in the meantime"):
        what_if.command()(other, NOW)
