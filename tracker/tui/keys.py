"""Every key, declared once; bindings, footer, help, palette and README are made of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from tracker.language import N_, _


class Key(NamedTuple):
    """A key and what it does.

    `id` names the binding in the settings file, `keys` are Textual's names, comma-separated;
    `word` is shown in the footer, `tooltip` is one sentence. `where` is the screen that knows it:
    `work` is every view on which tasks are worked. Two keys with a blank between them are pressed
    one after the other. `footer` orders the footer; 0 keeps it out.
    `instead` names the keys of every view whose place it takes there, by their ids. `changes` says
    that it changes the plan, and so does nothing while a past one is shown; `unaimed`, that this
    is not about what is selected.
    """

    id: str
    keys: str
    action: str
    word: str
    tooltip: str
    footer: int = 0
    instead: tuple[str, ...] = ()
    group: str = ""
    where: str = ""
    changes: bool = False
    unaimed: bool = False


def _group(
    name: str, *, keys: Iterable[Key], where: str = "work", changes: bool = False
) -> tuple[Key, ...]:
    """Return keys that are listed together, and that one screen knows."""
    return tuple(
        key._replace(group=name, where=where, changes=changes or key.changes) for key in keys
    )


MOVE, ARROWS, DISPLAY, PLACES, FIND, STATE, LINKS, FIELDS, EDIT, LOOPS, LOAD, VIEWS = (
    N_("Navigate"),
    N_("Follow arrows"),
    N_("Display"),
    N_("Cards and lanes"),
    N_("Find"),
    N_("State"),
    N_("Arrows"),
    N_("Fields"),
    N_("Edit"),
    N_("Loops"),
    N_("Load"),
    N_("Views"),
)

# Of each key first what calls it, then what it is called.
# fmt: off
KEYS = (
    *_group(MOVE, keys=(
        Key("left", "h,left", "move('left')",
            N_("left"), N_("Go to the next card to the left.")),
        Key("down", "j,down", "move('down')",
            N_("one down"), N_("Go down.")),
        Key("up", "k,up", "move('up')",
            N_("one up"), N_("Go up.")),
        Key("right", "l,right", "move('right')",
            N_("right"), N_("Go to the next card to the right.")),
        Key("first", "home,g g", "first",
            N_("first"), N_("Go to the first task.")),
        Key("last", "G,end", "last",
            N_("last"), N_("Go to the last task.")),
        Key("half_down", "pagedown,ctrl+d", "half_page(1)",
            N_("half page down"), N_("Go half a page down.")),
        Key("half_up", "pageup,ctrl+u", "half_page(-1)",
            N_("half page up"), N_("Go half a page up.")),
        Key("jump", "i,apostrophe", "jump",
            N_("jump"),
            N_("Show letters on everything in sight; typing them goes there."), footer=10),
        Key("number", "0", "number",
            N_("to a number"),
            N_("Type the number of a task and {key:open}; from 10 on without the 0 before it.")),
        Key("burning", "tab", "next('burning')",
            N_("what burns"),
            N_("Go to the next task that is late, stuck, over its pass limit, or whose"
               " follow-up is due."), footer=12),
        Key("burning_back", "shift+tab", "next('burning',-1)",
            N_("previous that burns"), N_("Go to the previous one of these tasks.")),
        Key("late", "g l", "next('late')",
            N_("what is late"), N_("Go to the next task that is late.")),
        Key("stuck", "g s", "next('stuck')",
            N_("what is stuck"), N_("Go to the next task that is stuck on a system.")),
        Key("came_back", "B,g b", "next('came_back')",
            N_("what came back"), N_("Go to the next task that came back."), footer=12),
        Key("ready", "g r", "next('ready')",
            N_("what is ready"), N_("Go to the next task that is ready to begin.")),
        Key("follow_up", "g f", "next('follow_up')",
            N_("follow-up due"), N_("Go to the next task whose follow-up is due.")),
    )),
    *_group(ARROWS, keys=(
        Key("follow_back", "comma,left_square_bracket", "follow(-1)",
            N_("arrow back"), N_("Follow an arrow back; repeat for the next arrow of the task.")),
        Key("follow", "full_stop,right_square_bracket", "follow(1)",
            N_("arrow forward"),
            N_("Follow an arrow forward; repeat for the next arrow of the task.")),
        Key("loop_back", "left_parenthesis", "loop(-1)",
            N_("previous loop"), N_("Go to the previous loop of return arrows.")),
        Key("loop", "right_parenthesis", "loop(1)",
            N_("next loop"), N_("Go to the next loop of return arrows.")),
    )),
    *_group(DISPLAY, where="board", keys=(
        Key("chain", "f", "chain",
            N_("before and after"),
            N_("Highlight everything before and after the task; dim the rest."), footer=9),
        Key("longest", "C", "longest",
            N_("critical path"),
            N_("Highlight the critical path of open tasks and follow it with"
               " {key:follow_back} and {key:follow}; repeat to end."), footer=12),
        Key("fold", "z", "fold",
            N_("fold"), N_("Fold the loop of the task, or else its lane; repeat to unfold.")),
        Key("finished", "D", "finished",
            N_("finished"), N_("Fold finished tasks at the left; repeat to show them all.")),
        Key("around", "Z", "around",
            N_("around"),
            N_("Show only the task and its surroundings; repeat to show all.")),
        Key("zoom_in", "plus", "zoom(-1)",
            N_("larger"), N_("Show more of each card.")),
        Key("zoom_out", "minus", "zoom(1)",
            N_("smaller"), N_("Show more cards.")),
        Key("fit", "underscore", "fit",
            N_("fit"), N_("Use the largest cards that show all open tasks at once.")),
        Key("columns", "v", "columns",
            N_("columns"), N_("Switch the columns between flow and state.")),
    )),
    *_group(DISPLAY, where="matrix", keys=(
        Key("matrix_switch", "v", "switch",
            N_("departments"), N_("Show departments against each other; repeat for tasks."),
            footer=9),
        Key("matrix_finished", "D", "finished",
            N_("finished"), N_("Leave out finished tasks; repeat to show them all."), footer=10),
    )),
    *_group(DISPLAY, where="timeline", keys=(
        Key("earlier", "h,left", "move('left')",
            N_("day back"), N_("Go a day back on the axis, or a week, or a month, as"
               " the scale is."), instead=("left",)),
        Key("later", "l,right", "move('right')",
            N_("day on"), N_("Go on by a day on the axis, or a week, or a month, as"
               " the scale is."), instead=("right",)),
        Key("days_back", "H", "scroll_days(-1)",
            N_("scroll back"), N_("Scroll the axis back by half of what is in sight.")),
        Key("days_on", "L", "scroll_days(1)",
            N_("scroll on"), N_("Scroll the axis on by half of what is in sight.")),
        Key("to_today", "equals_sign", "today",
            N_("to today"), N_("Go to today; repeat for the bar of the task."), footer=9),
        Key("days_in", "plus", "zoom_days(-1)",
            N_("finer"), N_("Use a finer scale: months, weeks, days."), footer=9),
        Key("days_out", "minus", "zoom_days(1)",
            N_("coarser"), N_("Use a coarser scale: days, weeks, months.")),
        Key("days_fit", "underscore", "fit_days",
            N_("fit"), N_("Use the finest scale that shows all that is left.")),
        Key("bars_grouped", "z", "group",
            N_("group"), N_("Group by the next of department, person, project, system, or not"
               " at all."), footer=9),
        Key("bars_sorted", "S", "sort",
            N_("sort"), N_("Sort by the next of slack, start, due date, number.")),
        Key("bars_only", "f", "only",
            N_("only hits"), N_("Show only what {key:find} found; repeat to show all.")),
        Key("bars_finished", "D", "finished",
            N_("finished"), N_("Hide finished tasks; repeat to show them.")),
        Key("bars_capacity", "v", "capacity",
            N_("capacity"),
            N_("Switch between unlimited and limited capacity: whoever is assigned does one task"
               " at a time.")),
        Key("due_mark", "t", "move_date('due')",
            N_("move due"),
            N_("Move the due date with {key:earlier} and {key:later}; {key:open} sets"
               " it."), footer=6, instead=("due",), changes=True),
        Key("not_before_mark", "T", "move_date('not_before')",
            N_("move earliest start"),
            N_("Move the earliest start with {key:earlier} and {key:later}, seeing what else"
               " moves; {key:open} sets it."), footer=6, changes=True),
    )),
    *_group(PLACES, where="board", changes=True, keys=(
        Key("card_up", "K", "change_lane(-1)",
            N_("lane above"), N_("Move the card to the lane above, another department.")),
        Key("card_down", "J", "change_lane(1)",
            N_("lane below"), N_("Move the card to the lane below, another department.")),
        Key("card_left", "H", "change_state(-1)",
            N_("state back"), N_("In the state view, move the card one column left.")),
        Key("card_right", "L", "change_state(1)",
            N_("state forward"), N_("In the state view, move the card one column right.")),
        Key("lane_up", "W,left_curly_bracket", "move_lane(-1)",
            N_("lane up"), N_("Move the card's lane up.")),
        Key("lane_down", "S,right_curly_bracket", "move_lane(1)",
            N_("lane down"), N_("Move the card's lane down.")),
        Key("lanes", "equals_sign", "order_lanes",
            N_("order lanes"), N_("Reorder lanes to reduce crossings."), unaimed=True),
    )),
    *_group(FIND, where="tasks", keys=(
        Key("sort", "v,S", "sort",
            N_("sort"), N_("Sort by the next column."), footer=9),
        Key("reverse", "V", "reverse",
            N_("reverse"), N_("Reverse the order.")),
        Key("group", "z", "group",
            N_("group"), N_("Group by the next column, in the end by none."), footer=10),
        Key("only", "f", "only",
            N_("only hits"), N_("Show only what {key:find} found; repeat to show all."), footer=10),
    )),
    *_group(FIND, where="today", keys=(
        Key("part", "v", "part",
            N_("lists"),
            N_("Show only what waits for somebody, only what was handed over, or the whole"
               " day."), footer=8),
    )),
    *_group(FIND, keys=(
        Key("find", "slash", "find",
            N_("find"), N_("Find tasks by words or a filter, as you type."), footer=8),
        Key("find_next", "n", "find_next(1)",
            N_("next hit"), N_("Go to the next hit.")),
        Key("find_back", "N", "find_next(-1)",
            N_("previous hit"), N_("Go to the previous hit.")),
        Key("filters", "F", "filters",
            N_("filters"), N_("Show what a saved filter finds, or save one.")),
        Key("command", "colon", "command",
            N_("command"), N_("Type a command; a number goes to that task."), footer=11),
        Key("help", "question_mark,f1,ctrl+p", "help",
            N_("keys"), N_("List all keys and lists; Enter runs one."), footer=2),
    )),
    *_group(STATE, changes=True, keys=(
        Key("advance", "space", "advance",
            N_("next state"), N_("Advance the state: todo, doing, done."), footer=3),
        Key("finish", "d", "finish",
            N_("done"), N_("Mark the task as done."), footer=4),
        Key("wait", "w", "wait",
            N_("wait"), N_("Put the task on hold: reason and follow-up date.")),
        Key("send_back", "b", "send_back",
            N_("send back"), N_("Send the work back to an earlier task, with a reason."), footer=5),
        Key("confirm", "c", "confirm",
            N_("confirm"), N_("Confirm that a task in recheck is still good.")),
    )),
    *_group(LINKS, changes=True, keys=(
        Key("link", "greater_than_sign", "link",
            N_("arrow to successor"), N_("Draw an arrow to a task that needs this one."), footer=6),
        Key("link_return", "less_than_sign", "link_return",
            N_("return arrow"), N_("Draw a return arrow to an earlier task.")),
        Key("unlink", "X", "unlink",
            N_("remove arrow"), N_("Remove an arrow of the task.")),
    )),
    *_group(FIELDS, changes=True, keys=(
        Key("priority", "p", "priority",
            N_("priority"), N_("Cycle the priority.")),
        Key("due", "t", "field('due')",
            N_("due"), N_("Set the due date.")),
        Key("assignee", "o", "field('assignee')",
            N_("assignee"), N_("Set the assignee.")),
        Key("department", "m", "field('department')",
            N_("department"), N_("Move the task to another department.")),
        Key("systems", "s", "field('systems')",
            N_("systems"), N_("Set the systems involved.")),
        Key("tags", "number_sign", "field('tags')",
            N_("tags"), N_("Set the tags.")),
    )),
    *_group(EDIT, keys=(
        Key("add", "a", "add",
            N_("add"), N_("Add a task in one line."), footer=2, changes=True, unaimed=True),
        Key("add_after", "A", "add(True)",
            N_("add successor"), N_("Add a task that needs this one."), changes=True),
        Key("edit", "e", "edit",
            N_("edit"), N_("Edit all fields of the task."), changes=True),
        Key("notes", "E", "notes",
            N_("notes"), N_("Write the task's notes in your editor, that of $EDITOR."),
            changes=True),
        Key("open", "enter", "open",
            N_("open"),
            N_("Open the task, in a wide window beside the view; again to go there."), footer=1),
        Key("mark", "M", "mark",
            N_("mark"), N_("Mark the task; actions apply to all marked tasks.")),
        Key("copy", "y", "copy",
            N_("copy"), N_("Copy number and title to the clipboard; repeat to show them.")),
        Key("delete", "x", "delete",
            N_("delete"), N_("Delete the task; {key:undo} restores it."), changes=True),
        Key("undo", "u", "undo",
            N_("undo"), N_("Undo your last change."), footer=7, changes=True, unaimed=True),
        Key("redo", "U", "redo",
            N_("redo"), N_("Redo what you undid."), changes=True, unaimed=True),
    )),
    *_group(EDIT, where="today", keys=(
        Key("nudge", "y", "copy",
            N_("copy a reminder"),
            N_("Copy a message that asks about the task, with who waits for"
               " it."), footer=9, instead=("copy",)),
    )),
    *_group(LOOPS, where="loops", keys=(
        Key("keep", "enter", "open",
            N_("on the board"),
            N_("Show the arrow on the board, or store what you are trying"
               " out."), footer=1, instead=("open",)),
        Key("rate_up", "plus", "rate(0.05)",
            N_("rate up"), N_("Try a return rate 5 points higher."), footer=1),
        Key("rate_down", "minus", "rate(-0.05)",
            N_("rate down"), N_("Try a return rate 5 points lower."), footer=1),
        Key("without", "x,X", "without",
            N_("without it"),
            N_("Try the plan without the arrow; repeat to restore"
               " it."), footer=1, instead=("delete", "unlink",)),
        Key("retype", "e", "edit",
            N_("enter rate"),
            N_("Try another rate, share of rework or pass limit."), footer=1, instead=("edit",)),
        Key("estimate", "D", "estimate",
            N_("duration"), N_("Try another estimate of a repeated task."), footer=1),
        Key("rates", "r", "rates",
            N_("rates"), N_("Switch between learned and entered rates."), footer=2),
        Key("capacity", "c", "capacity",
            N_("capacity"),
            N_("Switch between unlimited and limited capacity: whoever is assigned does one task"
               " at a time."), footer=2, instead=("confirm",)),
        Key("spread", "S", "spread",
            N_("spread"), N_("Let tasks of a single estimate vary, by as much as you choose."),
            footer=3, changes=True, unaimed=True),
        Key("back_up", "W", "back_up",
            N_("system up"), N_("Assume by when a system that is down is up again.")),
        Key("measures", "v", "other_side",
            N_("measures"),
            N_("Show how work flows: cycle times, throughput, ages, hand-overs."), footer=3),
        Key("basis", "I", "basis",
            N_("basis"),
            N_("Show all that the forecast rests on: warnings, other dates, assumptions."),
            footer=2),
        Key("told_down", "pagedown,ctrl+d", "half_page(1)",
            N_("scroll down"), N_("Scroll down in the arrow's details."), instead=("half_down",)),
        Key("told_up", "pageup,ctrl+u", "half_page(-1)",
            N_("scroll up"), N_("Scroll up in the arrow's details."), instead=("half_up",)),
    )),
    *_group(LOAD, where="load", keys=(
        Key("other_week", "enter", "open",
            N_("other week"),
            N_("Move the task to another week without moving the end, or else open"
               " it."), footer=1, instead=("open",)),
        Key("part_down", "J", "part(1)",
            N_("next task"), N_("Go to the next task of the week."), footer=1),
        Key("part_up", "K", "part(-1)",
            N_("previous task"), N_("Go to the previous task of the week.")),
        Key("weeks_back", "H", "weeks(-1)",
            N_("weeks back"), N_("Go back by as many weeks as are in sight.")),
        Key("weeks_ahead", "L", "weeks(1)",
            N_("weeks ahead"), N_("Go ahead by as many weeks as are in sight.")),
        Key("fold_lane", "z", "fold",
            N_("fold"), N_("Fold the department, or unfold it."), footer=2),
        Key("fold_lanes", "Z", "fold(True)",
            N_("fold all"), N_("Fold all departments, or unfold them.")),
        Key("load_capacity", "c", "capacity",
            N_("capacity"),
            N_("Switch between unlimited and limited capacity: whoever is assigned does one task"
               " at a time."), footer=2, instead=("confirm",)),
        Key("controlling", "v", "controlling",
            N_("Controlling"),
            N_("Show effort and cost instead: planned, spent, to come, rework, earned"
               " value."), footer=2),
        Key("figure", "I", "explain",
            N_("basis"), N_("Explain the figure under the cursor."), footer=2),
    )),
    *_group(EDIT, where="log", keys=(
        Key("record", "enter", "open",
            N_("open"),
            N_("Show all that a change did; on a day, the plan as it was at its end."),
            footer=1, instead=("open",)),
        Key("take_back", "u", "take_back",
            N_("undo this"), N_("Undo the change under the cursor, whoever made it."), footer=2,
            instead=("undo",), changes=True),
        Key("as_of", "T", "as_of",
            N_("plan as of"),
            N_("Show every view as it was after the change, read only; {key:back} returns to now."),
            footer=2),
    )),
    *_group(VIEWS, where="drift", keys=(
        Key("replan", "r", "replan",
            N_("replan"),
            N_("Set late due dates anew, by when the work will be over."), footer=3,
            changes=True, unaimed=True),
    )),
    *_group(LOOPS, where="metrics", keys=(
        Key("to_loops", "v", "other_side",
            N_("loops"), N_("Show the loops and the forecast."), footer=9),
    )),
    *_group(LOAD, where="controlling", keys=(
        Key("list_tasks", "enter", "open",
            N_("its tasks"), N_("List the tasks behind the row."), footer=1, instead=("open",)),
        Key("by_load", "v", "load",
            N_("Load"), N_("Show the load by weeks again."), footer=1),
        Key("group", "V", "group",
            N_("group"), N_("Group by the next: department, project, tag, phase."), footer=1),
        Key("amounts", "I", "explain",
            N_("basis"), N_("Explain the figures of the row."), footer=1),
    )),
    *_group(VIEWS, keys=(
        Key("refresh", "R", "refresh",
            N_("refresh"), N_("Load changes by others and tidy the board.")),
        Key("baselines", "O", "baselines",
            N_("Baselines"),
            N_("Take the plan as a baseline, see what became of one, compare two.")),
        Key("scope", "P", "scope",
            N_("projects"),
            N_("Choose what all views are about: one project, several, all, or what is mine.")),
        Key("today", "1", "view('today')",
            N_("Today"), N_("Show what burns, came back, is due, and frees most.")),
        Key("board", "2", "view('board')",
            N_("Board"), N_("Show the dependency board.")),
        Key("tasks", "3", "view('tasks')",
            N_("Table"), N_("Show the table of tasks.")),
        Key("timeline", "4", "view('timeline')",
            N_("Timeline"), N_("Show the plan in time: what is late, and when it ends.")),
        Key("matrix", "5", "view('matrix')",
            N_("Matrix"), N_("Show which tasks need which, and what departments hand over.")),
        Key("loops", "6", "view('loops')",
            N_("Loops"), N_("Show the forecast finish and the costliest returns.")),
        Key("load", "7", "view('load')",
            N_("Load"), N_("Show who has too much to do, week by week, and what it costs.")),
        Key("log", "8", "view('log')",
            N_("Log"), N_("Show who changed what, and the plan as it was.")),
        Key("back", "q", "back",
            N_("back"), N_("Go back one level; on the first view, quit."), footer=13),
        Key("escape", "escape", "escape",
            N_("cancel"), N_("Go back one level, but never quit.")),
    )),
    *_group(VIEWS, where="app", keys=(
        Key("quit", "ctrl+q", "quit",
            N_("quit"), N_("Quit at once; everything is saved.")),
    )),
)
# fmt: on


def known(*where: str) -> list[Key]:
    """Return the keys of the screens named, less those whose place another one takes there."""
    found = [key for key in KEYS if key.where in where]
    replaced = {id for key in found for id in key.instead}
    return [key for key in found if key.id not in replaced]


def bindings(*where: str) -> list[BindingType]:
    """Return the bindings of the screens named."""
    return [
        Binding(key.keys, key.action, key.word, show=False, id=key.id)
        for key in KEYS
        if key.where in where
    ]


def bindings_for(*ids: str) -> list[BindingType]:
    """Return bindings of the same keys and actions for a part of a screen that takes them first."""
    found = {key.id: key for key in KEYS}
    return [
        Binding(key.keys, key.action, key.word, show=False, id=key.id)
        for key in map(found.__getitem__, ids)
    ]


# What the settings file puts in the place of the keys above, by the id of the binding.
_remapped: dict[str, str] = {}
# What may be held down with a key, in the order in which Textual names it.
_HELD = re.compile(r"^(?:alt\+)?(?:ctrl\+)?(?:hyper\+)?(?:meta\+)?(?:shift\+)?(?:super\+)?")
_NAMED = {key.value.rpartition("+")[2] for key in Keys} | {*KEY_NAME_REPLACEMENTS.values()}


def remap(keymap: Mapping[str, str]) -> list[str]:
    """Put other keys in the place of those declared; return what is wrong with that, if anything.

    A name that is no binding is passed over, and so are keys of which one cannot be pressed. A key
    that then calls two things is named with both.
    """
    known = {key.id: key for key in KEYS}
    wrong = []
    _remapped.clear()
    for id, keys in keymap.items():
        keys = keys.replace(", ", ",")
        unknown = next((name for name in re.split("[, ]", keys) if not _exists(name)), None)
        if id not in known:
            told = _("The settings name an unknown key {id}; {key:help} lists all keys.")
            wrong.append(named(told, id=id))
        elif unknown is not None:
            told = _(
                'The settings give {id} the key "{name}", which does not exist; it keeps {keys}.'
            )
            keep = display(known[id].keys)
            wrong.append(told.format(id=id, name=unknown, keys=keep))
        else:
            _remapped[id] = keys
    callers: dict[str, Key] = {}
    for key in KEYS:
        for name in keys_of(key).split(","):
            other = callers.setdefault(name, key)
            if (
                other is not key
                and (key.where == other.where or "work" in (key.where, other.where))
                and other.id not in key.instead
                and key.id not in other.instead
            ):
                clash = _(
                    "{key} is assigned to both {one} and {other}; change one in the settings."
                )
                wrong.append(clash.format(key=display(name), one=_(other.word), other=_(key.word)))
    return wrong


def _exists(name: str) -> bool:
    """Whether a key of this name can be pressed, on some keyboard."""
    key = _HELD.sub("", name)
    return key in _NAMED or key_to_character(key) is not None


def beginning(first: str, *where: str) -> dict[str, Key]:
    """Return what is called by a second key after a first one on the screens named, by that key."""
    rows = ((name.split(), key) for key in known(*where) for name in keys_of(key).split(","))
    return {name[1]: key for name, key in rows if len(name) == 2 and name[0] == first}


def keymap() -> Mapping[str, str]:
    """Return the keys that were put in the place of others, by the id of the binding."""
    return _remapped


def keys_of(key: Key) -> str:
    """Return the keys that call a binding now."""
    return _remapped.get(key.id, key.keys)


_DISPLAY = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "number_sign": "#",
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "equals_sign": "=",
    "plus": "+",
    "minus": "-",
    "underscore": "_",
    "comma": ",",
    "full_stop": ".",
    "apostrophe": "'",
}


_PUNCTUATION = (",", ".", ";", "'")


def display(keys: str) -> str:
    """Return keys as they are labelled on the keyboard; those pressed in a row stand together."""
    words = {
        "space": _("space"),
        "enter": "Enter",
        "escape": "Esc",
        "home": _("Home"),
        "end": _("End"),
        "tab": "Tab",
        "shift+tab": _("Shift+Tab"),
        "pageup": _("PgUp"),
        "pagedown": _("PgDn"),
        "left": "←",
        "right": "→",
        "up": "↑",
        "down": "↓",
    }

    def label(key: str) -> str:
        return _DISPLAY.get(key) or words.get(key) or key.replace("ctrl+", "^")

    return " ".join("".join(map(label, key.split())) for key in keys.split(","))


def keys_for(id: str) -> list[str]:
    """Return the names of all keys that call a binding now."""
    return keys_of(next(key for key in KEYS if key.id == id)).split(",")


def key_of(id: str) -> str:
    """Return the first key bound to an action now, as labelled on the keyboard."""
    return display(keys_for(id)[0])


class _Called:
    """What `{key:redo}` stands for in a text: the key that calls `redo` now."""

    def __format__(self, id: str) -> str:
        key = key_of(id)
        # In a sentence it would be read as the sentence's own.
        return _("“{key}”").format(key=key) if key in _PUNCTUATION else key


def named(text: str, **values: object) -> str:
    """Return a text with its values, and with the keys that call a binding now as `{key:id}`."""
    return text.format(key=_Called(), **values)


def sentence_of(key: Key) -> str:
    """Return what a key does, in one sentence."""
    return named(_(key.tooltip))


def view_name(id: str, about: str = "") -> str:
    """Return the name of the view a key leads to, as shown in its head line."""
    word = _(next(key for key in KEYS if key.id == id).word)
    return f"[{key_of(id)} {word}: {about}]" if about else f"[{key_of(id)} {word}]"


def digits_of_views() -> dict[str, str]:
    """Return the digits that lead to a view now, each with that view."""
    found = ((keys_of(key), key.id) for key in KEYS if key.action.startswith("view("))
    return {name: view for listed, view in found for name in listed.split(",") if name.isdigit()}


def views(*, but: str) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Return keys and words of the views but one: of those before that one, and of the rest."""
    found = [key for key in KEYS if key.action.startswith("view(")]
    tabs = [(key_of(key.id), _(key.word)) for key in found]
    at = next((at for at, key in enumerate(found) if key.id == but), -1)
    return tuple(tabs[: max(at, 0)]), tuple(tabs[at + 1 :])


def markdown() -> str:
    """Return the table of keys as the README shows it."""
    lines = ["| | key | does |", "|---|---|---|"]
    group = ""
    for key in KEYS:
        name = "" if key.group == group else _(key.group)
        group = key.group
        keys = display(key.keys).replace("|", "\\|")
        lines.append(f"| {name} | `{keys}` | {sentence_of(key)} |")
    return "\n".join(lines)
