"""What MPXJ reads in plans for Microsoft Project: `project_reading.py FOLDER`, paths from stdin.

The folder has the packages mpxj and jpype1. What it finds is written as JSON, plan by plan.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def main(folder: str, paths: list[str]) -> None:
    """Write what is in the plans at some paths."""
    sys.path.insert(0, folder)
    import jpype
    import mpxj  # noqa: F401  # puts its classes where Java looks for them

    jpype.startJVM("-Xmx512m", convertStrings=True)
    reader = jpype.JClass("org.mpxj.reader.UniversalProjectReader")
    json.dump([_plan(reader().read(path)) for path in paths], sys.stdout)


def _plan(project: Any) -> dict[str, Any]:
    named = [
        (str(field.getAlias()), field.getFieldType())
        for field in project.getCustomFields()
        if field.getAlias()
    ]
    calendar = project.getDefaultCalendar()
    return {
        "title": _text(project.getProjectProperties().getProjectTitle()),
        "start": _text(project.getProjectProperties().getStartDate()),
        "tasks": [_task(each, named) for each in project.getTasks() if each.getName() is not None],
        "people": [
            [_text(each.getName()), _text(each.getInitials()), _text(each.getGroup())]
            for each in project.getResources()
            if each.getName() is not None
        ],
        "assigned": [
            [
                int(each.getTask().getUniqueID()),
                _text(each.getResource() and each.getResource().getName()),
                _text(each.getWork()),
            ]
            for each in project.getResourceAssignments()
        ],
        "free": [
            [_text(each.getFromDate()), _text(each.getToDate())]
            for each in calendar.getCalendarExceptions()
        ],
    }


def _task(task: Any, named: list[tuple[str, Any]]) -> dict[str, Any]:
    return {
        "uid": int(task.getUniqueID()),
        "id": int(task.getID()),
        "name": _text(task.getName()),
        "level": int(task.getOutlineLevel()),
        "external": bool(task.getExternalTask()),
        "summary": bool(task.getSummary()),
        "start": _text(task.getStart()),
        "finish": _text(task.getFinish()),
        "duration": _text(task.getDuration()),
        "percent": float(str(task.getPercentageComplete() or 0)),
        "active": bool(task.getActive()),
        "manual": str(task.getTaskMode()) != "AUTO_SCHEDULED",
        "milestone": bool(task.getMilestone()),
        "estimated": bool(task.getEstimated()),
        "priority": int(task.getPriority().getValue()) if task.getPriority() else None,
        "constraint": _text(task.getConstraintType()),
        "constrained": _text(task.getConstraintDate()),
        "deadline": _text(task.getDeadline()),
        "began": _text(task.getActualStart()),
        "ended": _text(task.getActualFinish()),
        "notes": _text(task.getNotes()),
        "work": _text(task.getWork()),
        "needs": [
            [
                int(each.getPredecessorTask().getUniqueID()),
                str(each.getType()),
                _text(each.getLag()),
            ]
            for each in task.getPredecessors()
        ],
        "columns": {
            name: _text(value) for name, field in named if (value := task.get(field)) is not None
        },
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)


if __name__ == "__main__":
    main(sys.argv[1], json.load(sys.stdin))
