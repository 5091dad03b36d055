"""Updating from a new version of a list: compared first, then changed as decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from tracker.domain.arrow_fields import ARROW_FIELDS
from tracker.domain.change import Change
from tracker.domain.draft import Draft, Now
from tracker.domain.errors import BadInput, Conflict, Refused
from tracker.domain.fields import BY_NAME
from tracker.domain.model import TABLE_OF, Link, LinkKind, Task
from tracker.domain.sentence import Sentence, counted, listed, sentence
from tracker.domain.verbs import commands
from tracker.domain.workspace import Workspace
from tracker.exchange.comparing import (
    ARROWS,
    CONTESTED,
    SAID_ANEW,
    Comparison,
    FieldDifference,
    RowDifference,
    compare,
    end_key,
    field_label,
)
from tracker.exchange.looking_back import Lookback, Names
from tracker.exchange.merge import Selection, lay
from tracker.exchange.outcome import Report, ReportLine, TakenIn, new_names
from tracker.exchange.recognising import compared, recognise
from tracker.exchange.source import Skipped, Source, cut_off

# What happens to tasks that have gone from the list.
Gone = Literal["", "drop", "delete"]


class Decision(msgspec.Struct, frozen=True):
    """The changes accepted from a list, by the places of its rows.

    `fields` of which rows become as the list has them, which rows are `new` tasks, and what
    happens to the tasks in `gone`.
    """

    fields: frozenset[tuple[int, str]] = frozenset()
    new: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()
    how: Gone = ""

    def joined(self, other: Decision) -> Decision:
        """Return both decisions as one."""
        return replace(self, fields=self.fields | other.fields, new=self.new | other.new)

    def undecided(self, comparison: Comparison) -> tuple[RowDifference, ...]:
        """Return the rows about which something is left open: a contested field, or a guess."""
        taken = {place for place, _field in self.fields}
        return tuple(
            row
            for row in (*comparison.changed, *comparison.new)
            if row.place not in self.new
            and (
                row.cut
                or (row.doubtful and row.place not in taken)
                or any((row.place, each.field) not in self.fields for each in row.of(*CONTESTED))
            )
        )


class Update:
    """A list that has been read, beside the plan that has its last version.

    `past` is what the history says of the list. Raises BadInput for a list that was cut off: what
    it lacks would look as if somebody had taken it away.
    """

    def __init__(self, source: Source, ws: Workspace, past: Lookback) -> None:
        if source.unended:
            raise cut_off(source)
        self.source, self.compared, self.past = source, ws, past
        self.comparison = compare(source, ws, recognise(source, ws, past), past, beyond=True)

    def usual(self) -> Decision:
        """Return the decision for all that only the list has changed, and for all new rows.

        A row whose end may be missing is likely one of a task that is or was here.
        """
        rows = [row for row in self.comparison.changed if not row.doubtful]
        fields = ((row.place, each.field) for row in rows for each in row.of("there"))
        whole = (row.place for row in self.comparison.new if not row.cut)
        return Decision(frozenset(fields), frozenset(whole))

    def everything(self) -> Decision:
        """Return the decision for all that the list says anew, contested or not."""
        rows = [row for row in self.comparison.changed if not row.doubtful]
        fields = ((row.place, each.field) for row in rows for each in row.of(*SAID_ANEW))
        return Decision(frozenset(fields), frozenset(row.place for row in self.comparison.new))

    def chosen(self, text: str) -> Decision:
        """Read rows as typed: `3,5-7`, `4=new`, `6:due`; raises BadInput.

        A row stands for all that the list has changed in it, also where it was changed here; a
        field that only somebody here has changed must be named.
        """
        by_number = {row.row: row for row in self.comparison.rows}
        fields: set[tuple[int, str]] = set()
        new: set[int] = set()
        for piece in filter(None, (part.strip() for part in text.split(","))):
            number, _, rest = piece.replace("=", ":").partition(":")
            for row in _rows(number, piece, by_number):
                if rest == "new" or not row.task:
                    new.add(row.place)
                elif rest:
                    fields.add((row.place, _field(row, rest, piece)))
                else:
                    fields |= {(row.place, each.field) for each in row.of(*SAID_ANEW)}
        return Decision(frozenset(fields), frozenset(new))

    def plan(self, ws: Workspace, now: Now, decision: Decision) -> tuple[Change, Report]:
        """Return the one change that carries out a decision, without doing it.

        Since they were compared, somebody may have changed one of the fields or a task that is to
        go, or added one that is to be added, which raises Conflict, or deleted one of the tasks,
        which raises NotFound.
        """
        return _Updating(self, ws, now, decision).done()

    def command(self, decision: Decision) -> Callable[[Workspace, Now], TakenIn]:
        """Return the command that carries out a decision; its change has the report."""
        return lambda ws, now: TakenIn.of(*self.plan(ws, now, decision))

    def tried(self, ws: Workspace, now: Now, decision: Decision) -> Report:
        """Return the report on a decision that is not carried out.

        Before anything is chosen it has the remarks and the new names of all that could be.
        """
        report = self.plan(ws, now, decision)[1]
        if decision != Decision():
            return report
        whole = self.plan(ws, now, self.everything())[1]
        return replace(report, warnings=whole.warnings, new_names=whole.new_names)

    def beside(self, ws: Workspace, now: Now) -> bool:
        """Return whether the list has something new that is in no row, such as a baseline."""
        return bool(self.plan(ws, now, Decision())[0].edits)

    @property
    def unread(self) -> bool:
        """Whether some row has a value that could not be read, and so says nothing."""
        return any(task.unread for task in self.source.tasks)

    def as_json(self, decision: Decision, say: Callable[[Sentence], str]) -> dict[str, Any]:
        """Return the comparison as scripts read it, with what of it is accepted."""
        undecided = {row.place for row in decision.undecided(self.comparison)}

        def form(row: RowDifference, each: FieldDifference) -> dict[str, Any]:
            return {
                "field": each.field,
                "here": say(each.here),
                "there": say(each.there),
                "changed": each.changed,
                "taken": (row.place, each.field) in decision.fields,
            }

        return {
            "rows": [
                {
                    "row": row.row,
                    "id": row.task or None,
                    "title": row.title,
                    "doubtful": row.doubtful,
                    "new": not row.task or row.place in decision.new,
                    "taken": row.place in decision.new,
                    "undecided": row.place in undecided,
                    "differences": [form(row, each) for each in row.differences],
                }
                for row in self.comparison.rows
                if not row.task or row.differences
            ],
            "gone": [
                {"id": id, "title": self.comparison.seen[id].title, "taken": id in decision.gone}
                for id in self.comparison.gone
            ],
            "newer": [
                {"id": id, "title": self.comparison.seen[id].title} for id in self.comparison.newer
            ],
        }


def _rows(text: str, piece: str, rows: Mapping[int, RowDifference]) -> Iterable[RowDifference]:
    """Return the rows of a number or a range."""
    first, dash, last = (part.strip() for part in text.partition("-"))
    if first.isdecimal() and (last.isdecimal() or not dash) and len(text) < 20:
        inside = range(int(first), int(last or first) + 1)
        found = [row for number, row in rows.items() if number in inside]
        if found:
            return found
    raise BadInput("{piece} is not a row of the list; try 3,5-7.", piece=piece)


def _field(row: RowDifference, name: str, piece: str) -> str:
    """Return the field of a row that is called `name`, if the row differs in it."""
    from tracker.domain.typing.vocabulary import field_from_word

    field = name if name in BY_NAME else field_from_word(name) or name
    if field in {each.field for each in row.differences}:
        return field
    known = ", ".join(each.field for each in row.differences)
    raise BadInput(
        "{piece}: the row does not differ in this field; it differs in {known}.",
        piece=piece,
        known=known or "–",
    )


class _Updating:
    """An update of a workspace: several steps, each building on those before."""

    def __init__(self, update: Update, ws: Workspace, now: Now, decision: Decision) -> None:
        self.source, self.comparison = update.source, update.comparison
        self._names = Names(update.source, ws, update.past)
        self.usual = update.usual()
        self.now, self.decision = now, decision
        self.compared, self.before, self.ws, self.draft = update.compared, ws, ws, Draft(ws)
        self._ids = self.comparison.found.ids
        self._listed = frozenset(self._ids.values())
        self.skipped: list[Skipped] = []
        self._drawn: set[int] = set()
        self._laid: set[int] = set()

    def done(self) -> tuple[Change, Report]:
        """Return the change and the report."""
        for row in self.comparison.rows:
            if row.task:
                self.draft.get(Task, row.task)
        self._refuse_added()
        kept = [r for r in self.comparison.rows if r.task and r.place not in self.decision.new]
        for row in kept:
            self._redraw_ends(row)
        # Before tasks are done, of which some return under the next free number.
        report = self._lay()
        for row in kept:
            self._change_fields(row)
        act = commands.delete_task if self.decision.how == "delete" else commands.drop
        gone = sorted(self.decision.gone & set(self.comparison.gone))
        for id in gone:
            # What was to go is not what somebody has worked on since, and no arrow goes unseen.
            if (was := self.before.tasks.get(id)) and (
                was != self.comparison.seen[id]
                or (self.decision.how == "delete" and self._drawn_since(id))
            ):
                raise commands.changed_since(was, commands.task_name(self.before, id))
        ended = [self._try(partial(act, task=id), 0) for id in gone].count(True)
        dropped, deleted = (0, ended) if self.decision.how == "delete" else (ended, 0)
        change = self.draft.change(_STEP)
        _born, _gone, changed = change.tasks
        return replace(change, label=_label(self.source, change)), replace(
            report,
            already=len(self.comparison.found.here),
            updated=changed - dropped,
            returned=tuple(t.id for t in change.born(Task) if t.id not in self._laid),
            dropped=dropped,
            deleted=deleted,
            new_names=new_names(change, self.before),
            skipped=tuple(sorted((*report.skipped, *self.skipped), key=lambda row: row.row)),
        )

    def _refuse_added(self) -> None:
        """Raise Conflict where somebody has added since what is to be, by this list perhaps."""
        since = {
            compared(task.title): id
            for id, task in self.before.tasks.items()
            if id not in self.compared.tasks
        }
        for place in sorted(self.decision.new) if since else ():
            if id := since.get(compared(self.source.tasks[place].fields["title"])):
                text = sentence(
                    "{task} has been added in the meantime. Compare the list again.",
                    task=commands.task_name(self.before, id),
                )
                raise Conflict(TABLE_OF[Task], id, (), text)

    def _drawn_since(self, task: int) -> bool:
        """Return whether a task has an arrow of somebody's that was not there to be seen."""
        return any(
            arrows.get(task, ()) != then.get(task, ())
            for arrows, then in (
                (self.before.arrows_in, self.compared.arrows_in),
                (self.before.arrows_out, self.compared.arrows_out),
            )
        )

    def _do(self, change: Change) -> None:
        self.ws = self.ws.apply(change)
        for edit in change.edits:
            if edit.after is None:
                self.draft.delete(edit.entity)
            else:
                self.draft.put(edit.after)

    def _try(self, command: commands.Command, row: int) -> bool:
        """Carry out a step; a refused one is reported and skipped."""
        try:
            change = command(self.ws, self.now)
        except Refused as refusal:
            self.skipped.append(Skipped(row, refusal.sentence))
            return False
        self._do(change)
        return bool(change.edits)

    def _wanted(self, row: RowDifference) -> dict[str, Any]:
        return {
            each.field: each.value
            for each in row.differences
            if (row.place, each.field) in self.decision.fields
        }

    def _redraw_ends(self, row: RowDifference) -> None:
        """Change the arrows of a task as decided."""
        wanted = self._wanted(row)
        for kind in ARROWS:
            if kind in wanted:
                self._redraw(row, kind, wanted[kind])

    def _change_fields(self, row: RowDifference) -> None:
        """Change the fields of a task as decided."""
        wanted = {name: value for name, value in self._wanted(row).items() if name not in ARROWS}
        if not wanted:
            return
        before, seen = self.before.tasks[row.task], self.comparison.seen[row.task]
        if wanted.get("state", "dropped") != "dropped" and before.state == seen.state == "dropped":
            self._try(partial(commands.reopen, task=row.task), row.row)
        # What the steps before have changed was changed by nobody else.
        here = self.ws.tasks[row.task]
        own = {
            name: getattr(here, name)
            for name in wanted
            if getattr(before, name) == getattr(seen, name)
        }
        known = {row.task: replace(seen, **own)}
        # What a row says is said of its task, also where that is done and expires.
        edit = partial(commands.edit_tasks, tasks=(row.task,), seen=known, renew=False)
        self._try(partial(edit, **wanted), row.row)

    def _redraw(self, row: RowDifference, kind: LinkKind, wanted: Mapping[int, Any]) -> None:
        """Take away the arrows of a task that are not wanted, and note those to be drawn.

        Raises Conflict where that would change again what somebody has changed since.
        """
        drawn = self._listed_arrows(self.ws, row.task, kind)
        seen = self._listed_arrows(self.compared, row.task, kind)
        again = bool(seen.keys() & (wanted.keys() - drawn.keys()))
        edits = Draft(self.ws)
        for other, link in drawn.items():
            after: Link | None = None
            if other in wanted:
                options = {"lag": 0.0, **wanted[other]} if kind == "needs" else wanted[other]
                known = {name: value for name, value in options.items() if name in _OPTIONS}
                after = replace(link, **known)
                edits.put(after)
            else:
                edits.delete(link)
            again |= after != link != seen.get(other)
        if again:
            task = self.ws.tasks[row.task]
            raise commands.changed_since(task, commands.task_name(self.ws, task.id))
        self._do(edits.change(_STEP))
        ends = self._ends.get((kind, row.place), ())
        self._drawn.update(at for at, end in ends if end in wanted and end not in drawn)

    @cached_property
    def _ends(self) -> dict[tuple[LinkKind, int], list[tuple[int, int]]]:
        """The other ends of the arrows of a kind of a row, each with the place of the arrow."""
        found: dict[tuple[LinkKind, int], list[tuple[int, int]]] = {}
        for at, arrow in enumerate(self.source.links):
            ends = arrow.source, arrow.target
            one, other = ends if arrow.kind == "returns" else ends[::-1]
            found.setdefault((arrow.kind, one), []).append((at, end_key(other, self._ids)))
        return found

    def _listed_arrows(self, ws: Workspace, task: int, kind: LinkKind) -> dict[int, Link]:
        """Return the arrows of a task by their other ends, as far as these are in the list."""
        needs = kind == "needs"
        return {
            other: link
            for link in (ws.arrows_in if needs else ws.arrows_out).get(task, ())
            if link.kind == kind
            and (other := link.source if needs else link.target) in self._listed
        }

    def _lay(self) -> Report:
        """Add the new rows, and draw the new arrows."""
        known = {place: id for place, id in self._ids.items() if place not in self.decision.new}
        left = {row.place for row in self.comparison.rows if not row.task} - self.decision.new
        part = Selection(
            known,
            frozenset(left),
            frozenset(self._drawn),
            self._silent(),
            only_drawn=True,
            names=self._names,
        )
        change, report = lay(self.source, self.ws, self.now, part)
        self._laid = {task.id for task in change.born(Task)}
        self._do(change)
        return report

    def _silent(self) -> frozenset[int]:
        """Return the rows that are not taken, whose remarks are no news.

        Where all that is usual is taken, a row that could not be read in full is told all the same.
        """
        fields, new = self.decision.fields, self.decision.new
        taken = {place for place, _field in fields} | new
        whole = self.usual.fields <= fields and self.usual.new <= new
        return frozenset(
            place
            for place, task in enumerate(self.source.tasks)
            if place not in taken and not (whole and task.unread)
        )


def _label(source: Source, change: Change) -> Sentence:
    """Return what the change of an update is called: what it does is counted as it is undone."""
    label = sentence("Updated from {file}", **source.label_values)
    if not change.effects:
        return label
    # The file stays a value of its own: by it imports are known in the history.
    effects = listed(change.effects)
    return Sentence(
        "{update}: {effects}", {"update": label, "effects": effects, **source.label_values}
    )


# Steps become one change, with a label of its own.
_STEP = Sentence("")
_OPTIONS = frozenset(
    (
        "rate_entered",
        "observed",
        *(field.name for fields in ARROW_FIELDS.values() for field in fields),
    )
)


def update_lines(
    update: Update, ws: Workspace, decision: Decision, say: Callable[[Sentence], str]
) -> list[ReportLine]:
    """Return the lines that show what an update would change; see `report_lines` for their form."""
    comparison = update.comparison
    found: list[ReportLine] = []

    def section(head: Sentence, rows: Sequence[str]) -> None:
        if rows:
            found.extend([("", False), (say(head), True)] if found else [(say(head), True)])
            found.extend((f"  {row}", False) for row in rows)

    def named(row: RowDifference) -> str:
        task = commands.task_name(ws, row.task)
        return say(sentence("row {row}: {task}", row=row.row, task=task))

    def fields(row: RowDifference) -> list[str]:
        return [f"  {say(difference_line(each))}" for each in row.differences]

    sure = [row for row in comparison.changed if not row.doubtful]
    section(
        counted("{n} task differs:", "{n} tasks differ:", len(sure)),
        [text for row in sure for text in (named(row), *fields(row))],
    )
    doubtful = [row for row in comparison.changed if row.doubtful]
    section(
        counted(
            "{n} row is probably an existing task:",
            "{n} rows are probably existing tasks:",
            len(doubtful),
        ),
        [text for row in doubtful for text in (named(row), *fields(row))],
    )
    for heading, rows in unknown_rows(comparison):
        section(heading, [say(row_words(row)) for row in rows])
    section(
        counted(
            "{n} task is no longer in the list; unchanged:",
            "{n} tasks are no longer in the list; unchanged:",
            len(comparison.gone),
        )
        if not decision.how
        else counted(
            "{n} task is no longer in the list:",
            "{n} tasks are no longer in the list:",
            len(comparison.gone),
        ),
        [commands.task_name(ws, id) for id in comparison.gone],
    )
    newer = [commands.task_name(ws, id) for id in comparison.newer]
    section(newer_heading(comparison), newer)
    return found


def unknown_rows(comparison: Comparison) -> Iterator[tuple[Sentence, Sequence[RowDifference]]]:
    """Walk over the rows that no task here belongs to, under what is said of them."""
    if new := comparison.new:
        yield counted("{n} row is new:", "{n} rows are new:", len(new)), new
    if deleted := comparison.deleted:
        heading = counted(
            "{n} row is a task that was deleted here:",
            "{n} rows are tasks that were deleted here:",
            len(deleted),
        )
        yield heading, deleted


def row_words(row: RowDifference) -> Sentence:
    """Return how a row is named that no task here belongs to."""
    return sentence("row {row}: {task}", row=row.row, task=row.title)


def newer_heading(comparison: Comparison) -> Sentence:
    """Return what is said of the tasks that an export of ours does not have yet."""
    count = len(comparison.newer)
    if comparison.dated:
        return counted(
            "{n} task was created here after this export; unchanged:",
            "{n} tasks were created here after this export; unchanged:",
            count,
        )
    return counted(
        "{n} task has a number above all in the list, so is newer, or was the last of it;"
        " unchanged:",
        "{n} tasks have numbers above all in the list, so are newer, or were its last ones;"
        " unchanged:",
        count,
    )


def difference_line(each: FieldDifference) -> Sentence:
    """Return one difference in words: the field, here and there, and who has changed it."""
    values = {"field": field_label(each.field), "here": each.here, "there": each.there}
    if each.changed == "both":
        return sentence(
            "{field}: here {here}, in the list {there} (both changed)",
            **values,
        )
    if each.changed == "unknown":
        return sentence("{field}: here {here}, in the list {there}", **values)
    if each.changed == "here":
        return sentence("{field}: here {here}, in the list still {there}", **values)
    return sentence("{field}: {here} → {there}", **values)
