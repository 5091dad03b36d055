"""Who changed what and when: by day, looked through, opened, taken back; and the plan as it was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from textual import work
from textual.widget import Widget
from textual.widgets import Static

from tracker import terminal_text
from tracker.domain.calendar import day_of
from tracker.domain.change import Record
from tracker.domain.errors import Refused, TrackerError
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext, say
from tracker.tui import keys
from tracker.tui.log.record_page import RecordPage
from tracker.tui.view.frame import HeadLine
from tracker.tui.view.listing import Listing
from tracker.tui.widgets.rows import Rows
from tracker.wording import log_words, show
from tracker.wording.figures import long_day
from tracker.wording.show import Piece

# The cells of a person.
_WHO = 12


class LogFilter:
    """What the history is looked through for, while it is typed."""

    sign = "/"

    def __init__(self, view: LogScreen) -> None:
        self._view, self._before = view, view.filter_text

    def suggest(self, text: str, cursor: int) -> list[str]:
        """Return what a word may begin with, and who is in the history."""
        word = text[:cursor].rpartition(" ")[2]
        people = (f"who:{who}" for who in self._view.people)
        kinds = (f"kind:{_(name)}" for name in log_words.KIND_WORDS.values())
        return [each for each in (*people, "task:", *kinds) if word and each.startswith(word)]

    def typed(self, text: str) -> None:
        """Look through it as it is typed."""
        self._view.look_for(text)

    async def done(self, text: str) -> bool:
        """Keep what was found."""
        self._view.look_for(text)
        return True

    def left(self) -> None:
        """Show what was shown before."""
        self._view.look_for(self._before)


class LogScreen(Listing):
    """The records of the history, newest first, under the days on which they were made."""

    BINDINGS = keys.bindings("log")
    VIEW = "log"
    KEYS_OF = ("work", "log")

    DEFAULT_CSS = """
    LogScreen #empty { width: 100%; height: 1fr; content-align: center middle; display: none; }
    LogScreen.-empty #empty { display: block; }
    LogScreen.-empty Rows { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        # All records that were read, and as of when; those that are in scope.
        self._read: tuple[datetime | None, list[Record]] = (None, [])
        self._records: list[Record] = []
        # Why no more is there at present.
        self._unread = ""
        self._by_seq: dict[int, Record] = {}
        self._undone: set[int] = set()
        self._text = ""
        # The newest record of each day that is shown, by the row of the day.
        self._days: dict[int, Record] = {}
        self._told: dict[int, str] = {}
        # What records are looked through for, by their numbers.
        self._said: dict[int, str] = {}

    def compose_view(self) -> Iterable[Widget]:
        """Make the rows."""
        yield Rows(self._paint)
        yield Static(id="empty", markup=False)

    def take_keys(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    @property
    def people(self) -> Iterable[str]:
        """Who is in the history."""
        return dict.fromkeys(record.who for record in self._records)

    @property
    def filter_text(self) -> str:
        """What is looked for."""
        return self._text

    @property
    def record(self) -> Record | None:
        """The record under the cursor."""
        return self._by_seq.get(self.rows.row or 0)

    @property
    def pointed(self) -> object:
        """The row under the cursor."""
        return self.rows.row

    @property
    def focused_task(self) -> int | None:
        """The task that the record under the cursor is about, if it is about one that is there."""
        task = log_words.about(self.record) if self.record else None
        return task if task in self.workspace.tasks else None

    @property
    def shown_tasks(self) -> Iterable[int]:
        """The tasks that the records are about, from the top."""
        found = (self._by_seq.get(row) for row in self.rows.rows)
        tasks = (log_words.about(record) for record in found if record)
        return dict.fromkeys(task for task in tasks if task and task in self.workspace.tasks)

    def show_workspace(self, workspace: Workspace) -> None:
        """Read on in the history, the cursor kept on its record; a server may take its time."""
        del workspace  # that of the view
        if self._read[0] != self.host.past:
            self._read = (self.host.past, [])
        if self.host.distant:
            self._unread = "" if self._read[1] else _("Reading the history …")
            self._show_read()
            self._read_aside(*self._read)
        else:
            self._take(self._read_on(self._read[1]))

    def _read_on(self, read: list[Record]) -> list[Record] | TrackerError:
        """Return all that can be read behind what was, or why it cannot be; also from a thread."""
        try:
            # The last one again: where files were put back it may be another one now.
            found = [*self.host.history(read[-1].seq - 1 if read else 0)]
            if found[:1] == read[-1:]:
                return [*read, *found[1:]]
            return [*self.host.history()] if read else found
        except TrackerError as error:
            return error

    @work(thread=True, exclusive=True, group="log")
    def _read_aside(self, past: datetime | None, read: list[Record]) -> None:
        self.host.from_thread(self._take_aside, past, self._read_on(read))

    def _take_aside(self, past: datetime | None, found: list[Record] | TrackerError) -> None:
        if past == self.host.past:
            with self.arriving():
                self._take(found)

    def _take(self, found: list[Record] | TrackerError) -> None:
        if isinstance(found, TrackerError):
            # It is read on as soon as this is in front again.
            self._unread, self._stale = say(found), True
            if self.is_current:
                self.host.tell_error(found)
        else:
            self._read, self._unread = (self._read[0], found), ""
        self._show_read()

    def _show_read(self) -> None:
        ws, scope = self.workspace, self.scope.known(self.workspace)
        self._records = [each for each in self._read[1] if scope.touches(ws, each.change)]
        self._by_seq = {record.seq: record for record in self._records}
        self._undone = log_words.undone(self._records)
        self._told, self._said = {}, {}
        self.look_for(self._text)

    def look_for(self, text: str) -> None:
        """Show only the records that are looked for, or all."""
        self._text = text.strip()
        found = self._records
        if self._text:
            matches = log_words.matching(self.workspace, self._text, self._said)
            found = list(filter(matches, found))
        rows: list[int] = []
        self._days = {}
        for records in log_words.days(found):
            # Numbers of records begin at 1.
            self._days[-records[0].seq] = records[0]
            rows += (-records[0].seq, *(record.seq for record in records))
        self.set_class(not rows, "-empty")
        if not rows:
            words = _("Nothing in the history matches.\n\n{key:find} looks for something else.")
            if not self._text:
                words = _("Nothing was done yet.")
            self.query_one("#empty", Static).update(
                show.text(self._unread) if self._unread else keys.named(words)
            )
        before = self.rows.row
        self.rows.show(rows, row=before if before in rows else next(iter(rows[1:]), None))
        self.query_one(HeadLine).view = self.named(show.text(self._text))
        if self._text and not self._unread:
            text = ngettext("{n} change", "{n} changes", len(found))
            self.tell(text.format(n=len(found)), "dim")

    def _paint(self, row: int, cells: int) -> list[Piece]:
        if row in self._days:
            day = day_of(self._days[row].at)
            return [(f" {long_day(day, self.today)}", "title")]
        record = self._by_seq[row]
        if row not in self._told:
            self._told[row] = log_words.what(self.workspace, record)
        gone = row in self._undone
        who = terminal_text.fit(show.text(record.who), _WHO, ellipsis=self.host.glyphs.more)
        room = max(1, cells - _WHO - 11)
        told = terminal_text.cut(self._told[row], room, ellipsis=self.host.glyphs.more)
        return [
            (f"  {record.at.astimezone():%H:%M} ", "dim"),
            (who, "dim" if gone else "plain"),
            (" ", ""),
            (f"{self.host.glyphs.dropped} " if gone else "  ", "dim"),
            (told, "dropped" if gone else "plain"),
        ]

    def focus_task(self, task: int) -> bool:
        """Put the cursor on the newest record about a task."""
        here = self.record
        if here is not None and log_words.about(here) == task:
            return True
        found = (row for row in self.rows.rows if row in self._by_seq)
        seq = next((row for row in found if log_words.about(self._by_seq[row]) == task), None)
        return seq is not None and self.rows.go_to(seq)

    def action_find(self) -> None:
        """Look through the history."""
        self.open_prompt(LogFilter(self), self._text)

    def action_back(self) -> None:
        """Show the whole history again, then what ends on every view."""
        if self._text:
            self.look_for("")
        else:
            super().action_back()

    def action_open(self) -> None:
        """Show all that a record changed; of a day, the plan as it was at the end of it."""
        record = self.record
        if record is None:
            self.action_as_of()
            return
        with self.telling():
            self.only_as_meant()
            undone = record.seq in self._undone
            self.app.push_screen(
                RecordPage(self.workspace, record, self.host.glyphs, undone=undone)
            )

    def action_as_of(self) -> None:
        """Show the plan as it was after the change, or at the end of the day."""
        row = self.rows.row
        if row is None:
            return
        record, moment = self.record, None
        if record is not None:
            moment = record.at
        elif row in self._days:
            day = day_of(self._days[row].at)
            moment = datetime.combine(day, time.max).astimezone()
        if moment is not None:
            with self.telling():
                self.only_as_meant()
                self.host.show_past(min(moment, self.host.now().at))

    def action_take_back(self) -> None:
        """Take back the one change under the cursor."""
        with self.telling():
            self.only_as_meant()
            record = self.record
            if record is None:
                raise Refused("There is no change under the cursor.")
            self.host.undo(record.seq)
