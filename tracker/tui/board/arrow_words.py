"""What the arrows of a task mean: whom it waits for, who for it, and what may come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tracker import terminal_text
from tracker.domain import graph, status
from tracker.domain.model import Link, Task
from tracker.domain.workspace import Workspace
from tracker.language import _, ngettext
from tracker.tui.text.cells import row_width
from tracker.tui.text.fitting import fair_share
from tracker.wording import return_words, show
from tracker.wording.figures import brief_days
from tracker.wording.show import Glyphs, Piece

# A name cut shorter than this says less than its number.
_SHORT = 9
# Looking for loops through a task stops at so many tasks before and after it: on a board that
# large the loops that begin or end at the task are shown, not those that pass through it.
_FAR = 400
# From this width on a line on a loop says by which measure it costs so much.
_WIDE = 100


class ArrowWords:
    """The words for the arrows of one workspace, in one set of glyphs."""

    def __init__(self, ws: Workspace, glyphs: Glyphs) -> None:
        self.ws, self.glyphs = ws, glyphs
        self._loops: dict[int, list[Link]] = {}
        # What return arrows cost at P80, in working days, as far as that is known.
        self.costs: Mapping[int, float] = {}

    def below(self, task: int, room: int, lines: int) -> list[list[Piece]]:
        """Return `lines` lines on whom a task waits for, who for it, and the loops it lies on.

        Where there is one line for all, the loop takes what numbers leave of it.
        """
        ties, loops = self.ties(task, room), self.loops(task)
        if not loops or not lines:
            return [ties, []][:lines]
        if lines > 1:
            return [ties, self._loop(loops[0], len(loops) - 1, room)]
        short = self.ties(task, 0) if row_width(ties) > room // 3 else ties
        return [[*short, *self._loop(loops[0], len(loops) - 1, room - row_width(short))]]

    def in_words(self, task: int, room: int, lines: int) -> list[list[Piece]]:
        """Return `lines` lines on the arrows of a task, where none is drawn."""
        tasks = self.ws.tasks
        rows: list[list[Piece]] = []
        for words, step, style in (
            (_("predecessors: {tasks}"), graph.predecessors, "needs.in"),
            (_("successors: {tasks}"), graph.successors, "needs.out"),
        ):
            others = [tasks[key] for key in step(self.ws, task)]
            names = self.names(others, room - terminal_text.width(words.format(tasks="")) - 1)
            if others:
                rows.append([(" " + words.format(tasks=names), style)])
        loops = self.loops(task)
        left = max(lines - len(rows), 0)
        for at, link in enumerate(loops[:left]):
            more = len(loops) - left if at + 1 == left else 0
            rows.append(self._loop(link, more, room))
        return [*rows, *([] for _at in range(lines - len(rows)))]

    def on_chain(self, task: int, path: Sequence[int], room: int) -> list[Piece]:
        """Return one line on where in a chain of tasks a task is."""
        at = path.index(task)
        words = _("critical path, {at} of {n}").format(at=at + 1, n=len(path))
        arrow = f" {self.glyphs.right} "
        line: list[Piece] = [(f" {words}  ", "strong")]
        left = room - row_width(line)
        first = last = at
        known = {at: f"[{path[at]}]"}
        # The nearest first, to both sides in turn, as long as there is room.
        while last - first + 1 < len(path):
            near = [n for n in (first - 1, last + 1) if 0 <= n < len(path)]
            key = min(near, key=lambda n: (abs(n - at), n))
            title = show.name(self.ws, path[key]) if len(near) == 1 or key > at else ""
            known[key] = terminal_text.cut(title, 22, ellipsis=self.glyphs.more) or str(path[key])
            if len(arrow.join(known.values())) + 2 * len(arrow) + 2 > left:
                del known[key]
                break
            first, last = min(first, key), max(last, key)
        more = self.glyphs.more
        shown = [more] * (first > 0) + [known[n] for n in range(first, last + 1)]
        shown += [more] * (last + 1 < len(path))
        return [*line, (arrow.join(shown), "needs.out")]

    def ties(self, task: int, room: int) -> list[Piece]:
        """Return one line on what a task waits for and what for it; without room by numbers."""
        before = status.open_predecessors(self.ws, task)
        following = list(graph.successors(self.ws, task))
        after = [self.ws.tasks[key] for key in following if self.ws.tasks[key].open]
        told: list[Piece] = []
        for words, others, style in (
            (_("waits for {tasks}"), before, "needs.in"),
            (_("successors: {tasks}"), after, "needs.out"),
        ):
            if others and not room:
                numbers = ", ".join(str(other.id) for other in others[:3])
                more = f" +{len(others) - 3}" if len(others) > 3 else ""
                told += [(" " + words.format(tasks=numbers + more), style), (" ", "")]
            elif others:
                share = room // 2 if others is before and after else room - row_width(told)
                names = self.names(others, share - terminal_text.width(words.format(tasks="")) - 3)
                told += [(" " + words.format(tasks=names), style), ("  ", "")]
        if not told:
            finished = following or any(graph.predecessors(self.ws, task))
            nothing = (
                _("No open predecessors and no open successors.")
                if finished
                else _("No predecessors and no successors.")
            )
            told = [(" " + nothing if room else " ", "dim")]
        return told

    def names(self, tasks: Sequence[Task], room: int) -> str:
        """Return as many names as have room, and how many more there are."""
        names: list[str] = []
        for at, task in enumerate(tasks):
            left = (
                room
                - sum(terminal_text.width(name) + 2 for name in names)
                - 4 * (at + 1 < len(tasks))
            )
            if names and left < 14:
                break
            names.append(
                terminal_text.cut(
                    show.name(self.ws, task.id), max(left, 12), ellipsis=self.glyphs.more
                )
            )
        more = len(tasks) - len(names)
        return ", ".join(names) + (f" +{more}" if more else "")

    def loops(self, task: int) -> list[Link]:
        """Return the return arrows whose loop a task lies on, the most used first."""
        if task not in self._loops:
            self._loops[task] = self._found_loops(task)
        return self._loops[task]

    def _found_loops(self, task: int) -> list[Link]:
        ws = self.ws
        found = {
            link.id: link
            for link in (*ws.arrows_out.get(task, ()), *ws.arrows_in.get(task, ()))
            if link.kind == "returns"
        }
        after = self._near(task, graph.successors)
        before = self._near(task, graph.predecessors) if after else ()
        if before:
            for gate in after:
                for link in ws.arrows_out.get(gate, ()):
                    if link.kind == "returns" and link.target in before:
                        found[link.id] = link
        return sorted(
            found.values(),
            key=lambda link: (-status.link_passes(ws, link), task != link.target, link.id),
        )

    def _near(self, task: int, step: Callable[[Workspace, int], Iterator[int]]) -> set[int]:
        """Return all tasks before or after a task, or none if they are too many to look at."""
        seen: set[int] = set()
        front = [task]
        while front and len(seen) < _FAR:
            for other in step(self.ws, front.pop()):
                if other not in seen:
                    seen.add(other)
                    front.append(other)
        return set() if front else seen

    def _loop(self, link: Link, others: int, cells: int) -> list[Piece]:
        """Return a loop by name, its passes against the limit, and why it went back last."""
        ws, glyphs = self.ws, self.glyphs
        count = status.link_passes(ws, link)
        passes = return_words.passes_words(ws, link, brief=True)
        over = status.over(ws, link)
        look = "alarm" if over else "strong" if count > 1 else "plain"
        passed = ws.tasks[link.target].passes
        last = next((p for p in reversed(passed) if p.gate == link.source), None)
        quote = who = more = cost = ""
        if last and last.reason:
            quote = show.text(_("“{reason}”").format(reason=last.reason))
        if last and last.who:
            who = show.text(last.who)
        if round(self.costs.get(link.id, 0.0)) > 0:
            # Where it is narrow the names of the tasks say more than who sent it back.
            words = _("costs {days} (P80)") if cells >= _WIDE else _("costs {days}")
            cost = words.format(days=brief_days(self.costs[link.id], 0))
            who = who if cells >= _WIDE else ""
        if others:
            more = ngettext("{n} more loop", "{n} more loops", others).format(n=others)
        # Who and how often must be there; the names and the reason share what is left.
        left = (
            cells
            - 7
            - sum(terminal_text.width(word) + 3 for word in (passes, cost, who, more) if word)
        )
        room = max(left - terminal_text.width(quote), left * 3 // 4)
        path = self.path(graph.loop_body(ws, link)[:-1], room)
        quote = terminal_text.cut(
            quote, max(left - terminal_text.width(path), 0), ellipsis=glyphs.more
        )
        line: list[Piece] = [(f" {glyphs.back} {path}   ", "loop"), (passes, look)]
        for words, style in ((quote, "plain"), (cost, "strong"), (who, "dim"), (more, "dim")):
            if words:
                line += [(f" {glyphs.dot} ", "dim"), (words, style)]
        return line

    def path(self, body: Sequence[int], room: int) -> str:
        """Return the tasks of a loop and the first again, in `room` cells if that can be.

        Where there is no room for all names, both ends are named; else numbers must do.
        """
        arrow = f" {self.glyphs.right} "
        titles = [show.name(self.ws, task) for task in body]
        for shown, between in ((titles, []), ([titles[0], titles[-1]], [f"({len(body) - 2})"])):
            rest = terminal_text.width(arrow.join(["", *shown[1:], *between, str(body[0])]))
            rest -= sum(map(terminal_text.width, shown[1:]))
            longest = fair_share([terminal_text.width(title) for title in shown], room - rest)
            if longest >= _SHORT or shown is not titles or len(body) < 3:
                break
        if longest < _SHORT:
            return arrow.join(map(str, [*body, body[0]]))
        names = [terminal_text.cut(title, longest, ellipsis=self.glyphs.more) for title in shown]
        return arrow.join([names[0], *between, *names[1:], str(body[0])])
