"""Boards as text, to be looked at in a diff; `GOLDEN=write pytest` draws them anew."""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import DATA
from tests.bench.board_graphs import net
from tests.builders import plan
from tracker.domain import graph
from tracker.domain.model import Department, Entity, Link, Task
from tracker.domain.workspace import Workspace
from tracker.flow.board.board import Board
from tracker.flow.board.characters import Manner, paint
from tracker.flow.board.layout import layout, neighbourhood
from tracker.flow.board.pieces import Zoom

GOLDEN = Path(__file__).parent / "golden"
LANES = 10


def fitted(text: str, width: int) -> str:
    """Cut or fill a text to a number of cells."""
    kept = ""
    for character in text:
        cells = 1 + (unicodedata.east_asian_width(character) in "WF")
        if cells > width:
            break
        kept += character
        width -= cells
    return kept + " " * width


def drawn(
    ws: Workspace,
    board: Board,
    *,
    lit: dict[int, Manner] | None = None,
    focus: int | None = None,
    notes: dict[int, str] | None = None,
    ascii: bool = False,
) -> str:
    """Draw a whole board with its lanes in front and its headings above."""
    bar = "|" if ascii else "▌"

    def label(number: int, width: int, height: int) -> list[list[tuple[str, str]]]:
        task = ws.tasks[number]
        card = board.cards[number]
        more = f" +{len(card.tasks) - 1}" if len(card.tasks) > 1 else ""
        texts = [f"{number} {task.title}{more}", task.state, "", ""][:height]
        return [[(bar, "bar"), (fitted(text, width - 1), "card")] for text in texts]

    rows = paint(
        board, x=0, y=0, width=board.width, height=board.height,
        label=label, lit=lit, focus=focus, notes=notes, ascii=ascii,
    )  # fmt: skip
    names = {
        lane.y: ws.departments[lane.department].name if lane.department else "–"
        for lane in board.lanes
    }
    lines = [
        fitted(names.get(y, ""), LANES) + "|" + "".join(text for text, _ in row)
        for y, row in enumerate(rows)
    ]
    if board.mode == "state":
        heading = " " * (LANES + 1 + board.width)
        for column in board.columns:
            at = LANES + 1 + column.x
            heading = heading[:at] + column.state + heading[at + len(column.state) :]
        lines.insert(0, heading)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def lanes(*names: str) -> list[Entity]:
    """Return departments by name, in order."""
    return [Department(id=i, name=name, order=i) for i, name in enumerate(names, start=1)]


def seated(ws: Workspace, places: str) -> Workspace:
    """Return the workspace with departments given as `1:2 3:1`, task and department."""
    seats = {int(pair.split(":")[0]): int(pair.split(":")[1]) for pair in places.split()}
    entities: list[Entity] = []
    for entity in ws.entities():
        if isinstance(entity, Task):
            entity = Task(
                id=entity.id,
                title=entity.title,
                state=entity.state,
                department=seats.get(entity.id),
            )
        entities.append(entity)
    return Workspace(entities)


def move() -> Workspace:
    """Return the coordinator's list, its feedback arrows turned into returns."""
    text = (DATA / "umzug-erp.csv").read_bytes().decode("cp1252")
    rows = [
        row for row in csv.reader(io.StringIO(text), delimiter=";") if row[:1] and row[0].isdigit()
    ]
    rows = [row for row in rows if not row[1].startswith("=")]
    states = {"erledigt": "done", "in Arbeit": "doing", "wartet": "waiting", "offen": "todo"}
    departments: dict[str, int] = {}
    entities: list[Entity] = []
    arcs: list[tuple[int, int]] = []
    for row in rows:
        department = departments.setdefault(row[2], len(departments) + 1)
        state = states[row[4]]
        entities.append(
            Task(id=int(row[0]), title=row[1], department=department, state=state)  # type: ignore[arg-type]
        )
        arcs += [(int(number), int(row[0])) for number in re.findall(r"\d+", row[9])]
    entities += lanes(*departments)
    back = set(graph.feedback_arcs(arcs, {int(row[0]): i for i, row in enumerate(rows)}))
    for i, (source, target) in enumerate(arcs):
        kind = "returns" if i in back else "needs"
        entities.append(Link(id=i + 1, kind=kind, source=source, target=target))  # type: ignore[arg-type]
    return Workspace(entities)


BCA = seated(
    plan(
        "1-2 2-3 3-4",
        returns="3-1",
        states="1:recheck 2:done 3:doing",
        titles=("Concept", "Build", "Test", "Go-live"),
        extra=lanes("Business", "IT"),
    ),
    "1:1 2:2 3:2 4:1",
)
FANS = seated(
    plan(
        "1-2 1-3 1-4 1-5 2-6 3-6 4-6 5-6 1-6",
        titles=("Kick-off", "Network", "Database", "Contract", "Training", "Acceptance"),
        extra=lanes("Business", "IT", "Legal"),
    ),
    "1:1 2:2 3:2 4:3 5:1 6:1",
)
LOOPS = seated(
    plan(
        "1-2 2-3 3-4 4-5 5-6",
        returns="3-2 5-2 6-1 6-4",
        titles=("Scope", "Design", "Review", "Build", "Test", "Acceptance"),
        extra=lanes("Business", "IT"),
    ),
    "1:1 2:2 3:1 4:2 5:2 6:1",
)
CROWD = seated(
    plan(
        "1-4 1-5 1-6 2-4 2-5 2-6 3-4 3-5 3-6 1-7 2-7 4-7 5-8 6-8 3-8",
        titles="abcdefgh",
        extra=lanes("North", "South"),
    ),
    "1:1 2:2 3:1 4:2 5:1 6:2 7:1 8:2",
)
MOVE = move()
NET = net(20)


def board_of(ws: Workspace, **options: object) -> str:
    """Lay out and draw."""
    return drawn(ws, layout(ws, **options))  # type: ignore[arg-type]


def lit() -> str:
    """Draw the loop of a task in focus, heavy."""
    board = layout(LOOPS)
    manners: dict[int, Manner] = {}
    for link in LOOPS.links.values():
        if 5 in (link.source, link.target):
            manners[link.id] = "out" if link.source == 5 else "in"
            if link.kind == "returns":
                manners[link.id] = "loop"
    return drawn(LOOPS, board, lit=manners, focus=5)


def revealed() -> str:
    """Draw the hidden arrows of a task in focus."""
    board = layout(CROWD, cap=2)
    manners: dict[int, Manner] = {
        link.id: "out" if link.source == 2 else "in"
        for link in CROWD.links.values()
        if 2 in (link.source, link.target)
    }
    return drawn(CROWD, board, lit=manners, focus=2)


def state_in_focus() -> str:
    """Draw the arrows of a task in focus among columns of states."""
    board = layout(BCA, mode="state")
    manners: dict[int, Manner] = {
        link.id: "out" if link.source == 3 else "in"
        for link in BCA.links.values()
        if 3 in (link.source, link.target)
    }
    return drawn(BCA, board, lit=manners, focus=3)


WIDE = plan("1-2", titles=("数据迁移 Probelauf 一二三四五六", "Übergabe ﾃｽﾄ é"))
NOTHING = Workspace(lanes("Business", "IT"))
PICTURES: dict[str, Callable[[], str]] = {
    "b_then_c_then_back_to_a": lambda: board_of(BCA),
    "b_then_c_then_back_to_a_ascii": lambda: drawn(BCA, layout(BCA), ascii=True),
    "chain": lambda: board_of(plan("1-2 2-3 3-4")),
    "fans": lambda: board_of(FANS),
    "loops": lambda: board_of(LOOPS),
    "loops_ascii": lambda: drawn(LOOPS, layout(LOOPS), ascii=True),
    "loops_lit": lit,
    "loops_noted": lambda: drawn(
        LOOPS, layout(LOOPS), notes={6: "↻2/3", 7: "↻1", 8: "↻3/3", 9: "a note longer than its way"}
    ),
    "loop_folded": lambda: board_of(LOOPS, folded_loops=[7]),
    "lane_folded": lambda: board_of(LOOPS, folded=[2]),
    "self_and_parallel": lambda: board_of(plan("1-2 1-2 1-2", returns="2-2 2-1 2-1")),
    "no_arrows": lambda: board_of(plan(tasks=5)),
    "empty_lanes": lambda: board_of(NOTHING),
    "wide_characters": lambda: board_of(WIDE),
    "crowd": lambda: board_of(CROWD),
    "crowd_capped": lambda: board_of(CROWD, cap=2),
    "crowd_revealed": revealed,
    "crowd_one_line": lambda: board_of(CROWD, zoom=Zoom.LINE),
    "crowd_overview": lambda: board_of(CROWD, zoom=Zoom.OVERVIEW),
    "crowd_detail": lambda: board_of(CROWD, zoom=Zoom.DETAIL),
    "loops_tight": lambda: board_of(LOOPS, tight=True),
    "crowd_tight": lambda: board_of(CROWD, tight=True),
    "move_tight": lambda: board_of(MOVE, tight=True),
    "net_tight": lambda: board_of(NET, tight=True),
    "states": lambda: board_of(BCA, mode="state"),
    "states_in_focus": state_in_focus,
    "move": lambda: board_of(MOVE),
    "move_one_line": lambda: board_of(MOVE, zoom=Zoom.LINE),
    "move_around_21": lambda: board_of(MOVE, tasks=neighbourhood(MOVE, 21, most=8)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_board_looks_as_agreed(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    picture = PICTURES[name]()
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(picture, encoding="utf-8")
    assert picture == path.read_text(encoding="utf-8")
