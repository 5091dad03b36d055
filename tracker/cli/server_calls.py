"""The calls about workspaces on a database server: setting up, members, copying to and fro."""

from __future__ import annotations

import argparse
import os
from functools import partial
from typing import TYPE_CHECKING

from tracker import language
from tracker.arguments import Usage
from tracker.cli.call import DONE, Call, Context, named_place, workspace_file
from tracker.cli.printer import TableCell, TableColumn
from tracker.language import N_, _, ngettext
from tracker.store.address import Address, is_address

if TYPE_CHECKING:
    from tracker.store.check import Finding

_LEVELS = {"reader": N_("reader"), "writer": N_("writer"), "owner": N_("owner")}


def init(context: Context, address: Address) -> int:
    """Create an empty workspace on a server."""
    from tracker.store import workspaces

    if context.args.shared:
        raise Usage(_("--shared is for files; on a server `tracker member add` lets others in"))
    if context.args.path and not is_address(context.args.path):
        address.workspace = context.args.path
    if not address.workspace:
        raise Usage(_("the new workspace needs a name: `tracker init NAME`"))
    context.asking(address, workspaces.init)
    context.changed = True
    if context.printer.wants_json:
        context.printer.json({"file": str(address)})
    else:
        context.printer.line(_("New workspace: {path}").format(path=str(address)))
    return DONE


def repaired(context: Context, address: Address) -> list[Finding]:
    """Repair a workspace on a server, and return what was done."""
    from tracker.store.server_check import repair

    return context.asking(address, partial(repair, at=context.clock()))


def checked(context: Context, address: Address) -> list[Finding]:
    """Return what is wrong with a workspace on a server."""
    from tracker.store.server_check import check

    return context.asking(address, check)


def _setup(context: Context) -> int:
    """Make the tables in a database, or bring them up to date."""
    from tracker.store import server

    address = context.database
    before, after = context.asking(address, server.setup)
    context.changed = before != after
    if context.printer.wants_json:
        context.printer.json({"before": before, "after": after})
    elif before == after:
        context.printer.line(_("{address} is up to date.").format(address=address.shown))
    else:
        told = _("{address} is set up; `tracker init NAME` creates a workspace.")
        if before:
            told = _("{address} is set up for this version.")
        context.printer.line(told.format(address=address.shown))
    return DONE


def _list_workspaces(context: Context) -> int:
    """List the workspaces that one may see."""
    from tracker.store import workspaces

    address, printer = context.database, context.printer
    listed = context.asking(address, workspaces.listed)
    if printer.wants_json:
        printer.json(
            [
                {
                    "name": each.name,
                    "records": each.seq,
                    "level": each.level,
                    "created": each.created,
                    "archived": each.archived,
                    "copied": each.brought,
                    "copied_by": each.brought_by,
                }
                for each in listed
            ]
        )
        return DONE
    if not listed:
        words = _("There is no workspace here for you; `tracker init NAME` creates one.")
        printer.note(words)
        return DONE
    columns = [
        TableColumn(_("Workspace")),
        TableColumn(_("Records"), 1),
        TableColumn(_("Access")),
        TableColumn(_("State")),
    ]
    printer.table(
        columns,
        [
            [
                TableCell(each.name),
                str(each.seq),
                _(_LEVELS[each.level]),
                _("archived") if each.archived else "",
            ]
            for each in listed
        ],
        headed=True,
    )
    return DONE


def _archive(context: Context) -> int:
    """Put a workspace away, or make it active again."""
    from tracker.store import workspaces

    again, address = context.args.restore, context.database
    if context.args.name:
        address.workspace = context.args.name
    if not address.workspace:
        raise Usage(_("name the workspace: `tracker archive NAME`"))
    context.asking(address, partial(workspaces.archive, away=not again))
    context.changed = True
    if context.printer.wants_json:
        context.printer.json({"name": address.workspace, "archived": not again})
    else:
        told = _("{name} is active again.") if again else _("{name} is archived.")
        context.printer.line(told.format(name=address.workspace))
    return DONE


def _archive_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar=_("NAME"), nargs="?", help=_("the workspace"))
    parser.add_argument("--restore", action="store_true", help=_("make it active again"))


def _member(context: Context) -> int:
    """List the members of a workspace, add one, or remove one."""
    from tracker.store import workspaces

    args, address, printer = context.args, context.database, context.printer
    if args.what == "list":
        if args.login or args.level:
            raise Usage(_("`member list` takes no further arguments"))
        members = context.asking(address, workspaces.members)
        if printer.wants_json:
            printer.json([{"login": each.login, "level": each.level} for each in members])
        else:
            rows: list[list[str | TableCell]] = [
                [TableCell(each.login), _(_LEVELS[each.level])] for each in members
            ]
            columns = [TableColumn(_("Login")), TableColumn(_("Access"))]
            printer.table(columns, rows, headed=True)
        return DONE
    if not args.login:
        raise Usage(_("name the member: `tracker member {what} LOGIN`").format(what=args.what))
    if (args.what == "add") == (args.level is None):
        raise Usage(_("`member add` needs --as reader, writer or owner, and nothing else does"))
    change = partial(workspaces.set_member, login=args.login, level=args.level)
    context.asking(address, change)
    context.changed = True
    if printer.wants_json:
        printer.json({"login": args.login, "level": args.level})
    elif args.level:
        told = _("{login} is now a member: {level}.")
        printer.line(told.format(login=args.login, level=_(_LEVELS[args.level])))
    else:
        printer.line(_("{login} is no longer a member.").format(login=args.login))
    return DONE


def _member_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("list", "add", "remove"), help=_("what is to be done"))
    parser.add_argument("login", metavar=_("LOGIN"), nargs="?", help=_("a role of the database"))
    parser.add_argument(
        "--as",
        dest="level",
        choices=tuple(_LEVELS),
        help=_("reader: read only; writer: also change; owner: also manage members"),
    )


def _copy(context: Context) -> int:
    """Copy a workspace with its history to another place."""
    from tracker.store.copying import copy

    args, printer = context.args, context.printer
    source, target = _place(args.source), _place(args.target)
    # Of the other there is nothing yet that could be damaged.
    language.aim(named_place(args.source))
    servers = [place for place in (source, target) if isinstance(place, Address)]
    if servers:
        copied = context.asking(servers[0], lambda _address: copy(source, target))
    else:
        copied = copy(source, target)
    context.changed = True
    if printer.wants_json:
        printer.json(
            {
                "from": str(source),
                "to": str(target),
                "records": copied.records,
                "tasks": len(copied.snapshot.workspace.tasks),
            }
        )
        return DONE
    records = ngettext("{n} record", "{n} records", copied.records).format(n=copied.records)
    printer.line(
        _("{target}: {records} copied; both ends are the same.").format(
            target=str(target), records=records
        )
    )
    return DONE


def _place(text: str) -> str | Address:
    return Address(text) if is_address(text) else workspace_file(os.path.expanduser(text))


def _copy_arguments(parser: argparse.ArgumentParser) -> None:
    place = _("a file, or postgresql://host/database#NAME")
    parser.add_argument("source", metavar=_("FROM"), help=place)
    parser.add_argument("target", metavar=_("TO"), help=_("a place with no workspace yet"))


CALLS: dict[str, Call] = {
    "copy": Call(N_("copy a workspace with its history"), _copy, _copy_arguments),
    "setup": Call(N_("set up a database, or bring it up to date"), _setup),
    "list-workspaces": Call(N_("list the workspaces in a database"), _list_workspaces),
    "archive": Call(
        N_("archive a workspace: read only from then on"), _archive, _archive_arguments
    ),
    "member": Call(N_("manage who may read and change"), _member, _member_arguments),
}
