"""A board that Trello exports as JSON ("Print, export, and share": Export as JSON).

Its parts: https://developer.atlassian.com/cloud/trello/rest/. Moments are in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tracker.domain.errors import TrackerError
from tracker.domain.model import Item, State
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.typing.vocabulary import state_from_word, waiting_for
from tracker.exchange.foreign.added_fields import AddedFields
from tracker.exchange.foreign.named_people import NamedPeople, put_people
from tracker.exchange.foreign.parts import JsonParts
from tracker.exchange.ledger import Ledger
from tracker.exchange.moments import Moments
from tracker.exchange.outline import Outline, PlanItem
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.settling import settled
from tracker.exchange.source import MAX_ROWS, ReadOptions, Source, damaged, too_many_rows

# An export has no more entries of the history, and comments are among them.
_MOST_ACTIONS = 1000
# A card is told by its title, which nobody shortened for that.
_LONGEST_PLACE = 60
_COMPUTED = (
    *("lists/pos", "lists/id", "lists/limits", "lists/subscribed", "lists/creationMethod"),
    *("lists/idBoard", "lists/nodeId", "lists/datasource", "lists/type", "lists/softLimit"),
    *("members/*", "labels/*", "customFields/*"),
    *("checklists/id", "checklists/idBoard", "checklists/pos", "checklists/limits"),
    *("checklists/creationMethod", "checklists/nodeId", "checklists/checkItems/id"),
    *("checklists/checkItems/idChecklist", "checklists/checkItems/nameData"),
    *("checklists/checkItems/limits", "checklists/checkItems/dueReminder"),
    *("badges", "checkItemStates", "cover", "dateLastActivity", "descData"),
    *("email", "idBoard", "idLabels", "idAttachmentCover", "idOrganization"),
    *("limits", "manualCoverAttachment", "nodeId", "pos", "shortLink", "shortUrl", "url"),
    *("shortlink", "subscribed", "cardRole", "mirrorSourceId", "isTemplate", "idChecklists"),
    *("creationMethod", "pinned", "dateClosed", "agent", "faces"),
    *("mirrorSourceNodeId", "creationMethodError", "creationMethodLoadingStartedAt", "idShort"),
    *("board/id", "board/shortLink", "board/shortlink", "board/shortUrl", "board/url"),
    *("board/limits", "board/prefs", "board/memberships", "board/labelNames", "board/starred"),
    *("board/idOrganization", "board/idEnterprise", "board/dateLastActivity", "board/closed"),
    *("board/dateLastView", "board/descData", "board/subscribed", "board/ixUpdate", "board/labels"),
    *("board/idTags", "board/nodeId", "board/idMemberCreator", "board/enterpriseOwned"),
    *("board/idBoardSource", "board/powerUps", "board/pinned", "board/premiumFeatures"),
    *("board/templateGallery", "board/creationMethod", "board/datePluginDisable", "board/type"),
)
_SAYS = frozenset(
    (
        *("title", "state", "due", "not_before", "tags", "notes", "assignee", "watchers"),
        *("checklist", "phase"),
    )
)


def read(decoded: tuple[Any, Sentence | None], file: str, options: ReadOptions) -> Source:
    """Return the tasks of a board; raises BadInput."""
    content, remark = decoded
    board = JsonParts(content, "board/")
    if not isinstance(content, dict) or not isinstance(content.get("cards"), list):
        raise damaged(file, "cards")
    if len(content["cards"]) > MAX_ROWS:
        raise too_many_rows(file)
    source = Source(file, options.project, id_column="idShort", states=_SAYS)
    if remark:
        source.warn(0, "", "", remark)
    return _Reading(source, board, options).done()


def _by_id(several: list[JsonParts]) -> dict[str, JsonParts]:
    return {each.text("id"): each for each in several}


class _Reading:
    """A board being read."""

    def __init__(self, source: Source, board: JsonParts, options: ReadOptions) -> None:
        self.source, self.board, self.options = source, board, options
        self.outline = Outline(source, schedule=False)
        self.remarks, self.ledger = RepeatedRemarks(source), Ledger(source, computed=_COMPUTED)
        self.named = NamedPeople(source)
        source.project = source.project or board.text("name") or None
        self.beside: list[JsonParts] = []
        self.cards = board.several("cards", path="")
        self.lists = _by_id(self._beside("lists"))
        for each in self.lists.values():
            # A list without cards says nothing.
            each.drop("name", "closed")
        self.places = {key: each.number("pos") for key, each in self.lists.items()}
        self.people = {
            each.text("id"): self.named.called(each.text("username"), each.text("fullName"))
            for each in self._beside("members")
        }
        self.labels = {key: _label(each) for key, each in _by_id(self._beside("labels")).items()}
        self.fields = _by_id(self._beside("customFields"))
        self.checklists: dict[str, list[JsonParts]] = {}
        for each in sorted(self._beside("checklists"), key=lambda one: one.number("pos")):
            self.checklists.setdefault(each.text("idCard"), []).append(each)
        self.comments = self._comments()
        stamps = (card.moment(name) for card in self.cards for name in ("due", "start"))
        self.moments = Moments(
            source, options.zone, [stamp for stamp in stamps if stamp], options.here
        )
        self.added = AddedFields(source, self.moments.day_of_text)

    def _beside(self, name: str) -> list[JsonParts]:
        found = self.board.several(name, path=f"{name}/")
        self.beside += found
        return found

    def done(self) -> Source:
        """Return the tasks with everything that was remarked."""
        rows = {id(card): row for row, card in enumerate(self.cards, 1)}

        def order(card: JsonParts) -> tuple[float, float]:
            return self.places.get(card.text("idList"), 0.0), card.number("pos")

        for card in sorted(self.cards, key=order):
            row = rows[id(card)]
            place = card.text("name")[:_LONGEST_PLACE]
            if why := self._left_out(card):
                self.source.skip(row, why, place)
            else:
                self.outline.items.append(self._item(card, row, place))
                card.close(self.source, self.ledger, row, place)
        self._rest()
        self.moments.tell()
        self.remarks.tell()
        self.ledger.close()
        return settled(self.outline, self.options)

    def _left_out(self, card: JsonParts) -> Sentence | None:
        if card.flag("isTemplate"):
            return sentence("A template is not a task; not taken.")
        if self.options.archived:
            return None
        if card.flag("closed"):
            return sentence("Archived there; not taken. --archived takes it as dropped.")
        of = self.lists.get(card.text("idList"))
        if of is not None and of.flag("closed"):
            return sentence("Its list is archived; not taken. --archived takes it as dropped.")
        return None

    def _item(self, card: JsonParts, row: int, place: str) -> PlanItem:
        key = card.text("id") or f"row {row}"
        number = card.whole("idShort")
        item = PlanItem(key=key, row=row, place=place, number=str(number or ""), wanted=number)
        item.origin = f"trello:{key}" if card.text("id") else ""
        fields, notes = item.fields, [card.text("desc")]
        fields["title"] = card.text("name")
        if (minutes := card.whole("dueReminder")) is not None and minutes >= 0:
            self.ledger.saw("dueReminder", minutes, row, place)
        fields["tags"] = self._tags(card)
        self._state(card, item)
        for name, field in (("due", "due"), ("start", "not_before")):
            fields[field] = self._day(card, name, row, place)
        if made := _made(key):
            fields["created"] = made
        people = [self.people.get(each, "") for each in card.texts("idMembers")]
        put_people(fields, people, self.remarks, row, "members", place)
        fields["checklist"] = self._checklist(key)
        self._custom(card, fields, notes, row, place)
        for each in card.several("attachments"):
            name, url = each.text("name"), each.text("url")
            each.drop(*each.rest())
            notes.append(name if name == url or not url else f"{name}: {url}".removeprefix(": "))
        if lines := self.comments.get(key):
            notes.append("\n".join(lines))
        fields["notes"] = "\n\n".join(filter(None, notes))
        return item

    def _tags(self, card: JsonParts) -> tuple[str, ...]:
        card.drop("labels")
        here = [_label(each) for each in card.several("labels")]
        named = [self.labels.get(each, "") for each in card.texts("idLabels")]
        return tuple(dict.fromkeys(filter(None, (*here, *named))))

    def _state(self, card: JsonParts, item: PlanItem) -> None:
        """Set the state by the name of the list; one that says none is a phase."""
        fields = item.fields
        of = self.lists.get(card.text("idList"))
        name = of.text("name") if of is not None else ""
        state: State | None = state_from_word(name)
        done = card.flag("dueComplete")
        if name:
            item.lanes["list"] = name
        if name and state is None and self.options.lanes != "list":
            fields["phase"] = name
        archived = card.flag("closed") or (of is not None and of.flag("closed"))
        if archived and state != "done" and not done:
            fields["state"] = "dropped"
            return
        fields["state"] = "done" if done else state or "todo"
        if state == "waiting" and not done and (reason := waiting_for(name)):
            fields["waiting_for"] = reason
        if state is not None and name:
            self._tell_list(name, state, item)
        elif name:
            self._tell_unknown(name, item)

    def _tell_list(self, name: str, state: State, item: PlanItem) -> None:
        from tracker.domain.status import state_word

        self.remarks.note(
            item.row,
            "list",
            name,
            lambda n: counted(
                "The list was read as “{meaning}” ({n} task).",
                "The list was read as “{meaning}” ({n} tasks).",
                n,
                meaning=state_word(state),
            ),
            key=name,
            near=True,
            place=item.place,
        )

    def _tell_unknown(self, name: str, item: PlanItem) -> None:
        words = _as_department if self.options.lanes == "list" else _as_phase
        self.remarks.note(item.row, "list", name, words, key=name, near=True, place=item.place)

    def _day(self, card: JsonParts, name: str, row: int, place: str) -> date | None:
        at = card.moment(name)
        try:
            return self.moments.day(row, name, at, place) if at else None
        except TrackerError as problem:
            self.source.warn(row, name, at, problem.sentence, place)
            return None

    # --- what lies beside the cards ------------------------------------------------------------

    def _checklist(self, key: str) -> tuple[Item, ...]:
        lists = [(each.text("name"), each.several("checkItems")) for each in self._checklists(key)]
        lists = [(name, items) for name, items in lists if items]
        lines = []
        for name, items in lists:
            for each in sorted(items, key=lambda one: one.number("pos")):
                text = " ".join(each.text("name").split())
                if len(lists) > 1 and name:
                    text = f"{name}: {text}"
                more = []
                if at := each.moment("due"):
                    more.append(self._due_words(at))
                if who := self.people.get(each.text("idMember")):
                    more.append(self._name(who))
                if more:
                    text = f"{text} ({', '.join(more)})"
                lines.append(Item(text=text, done=each.text("state") == "complete"))
        return tuple(lines)

    def _checklists(self, key: str) -> list[JsonParts]:
        return self.checklists.get(key, [])

    def _due_words(self, at: datetime) -> str:
        return f"due {self.moments.here(at).date()}"

    def _name(self, called: str) -> str:
        found = (each for each in self.source.entities if getattr(each, "login", None) == called)
        return str(getattr(next(found, None), "name", "") or called)

    def _custom(
        self, card: JsonParts, fields: dict[str, Any], notes: list[str], row: int, place: str
    ) -> None:
        """Take the board's own fields: by their words, else into the notes."""
        for each in card.several("customFieldItems"):
            each.drop(*each.rest())
            field = self.fields.get(each.text("idCustomField"))
            if field is None:
                continue
            name, value = field.text("name"), _value(each, field)
            if value and not self.added.take(name, value, fields, row, place):
                notes.append(f"{name}: {value}")
                self.remarks.note(
                    row,
                    name,
                    value,
                    lambda n: counted(
                        "Unknown here; kept in the notes ({n} task).",
                        "Unknown here; kept in the notes ({n} tasks).",
                        n,
                    ),
                    place=place,
                )

    def _comments(self) -> dict[str, list[str]]:
        """Return the comments of each card as lines, the oldest first."""
        actions = self.board.several("actions", path="actions/")
        found: dict[str, list[str]] = {}
        # What they hold besides is history.
        others = 0
        for each in reversed(actions):
            data, who = each.one("data"), each.one("memberCreator")
            card = data.one("card").text("id")
            if each.text("type") not in ("commentCard", "copyCommentCard") or not card:
                others += 1
                continue
            at, name = each.moment("date"), who.text("fullName", "username")
            begins = " ".join(filter(None, (str(at.date()) if at else "", name)))
            found.setdefault(card, []).append(f"{begins}: {data.text('text')}".removeprefix(": "))
        if len(actions) >= _MOST_ACTIONS:
            why = sentence(
                "Trello exports only the last {most} entries of the history; older comments are not"
                " in this file.",
                most=_MOST_ACTIONS,
            )
            self.source.warn(0, "actions", len(actions), why)
        if others:
            why = counted(
                "The history of the board is not taken; {n} entry.",
                "The history of the board is not taken; {n} entries.",
                others,
            )
            self.source.warn(0, "actions", "", why)
        return found

    def _rest(self) -> None:
        """Report what the board has besides."""
        self.board.drop("cards", "labels", "checklists", "actions")
        for each in (self.board, *self.beside):
            each.close(self.source, self.ledger, 0)


def _as_phase(n: int) -> Sentence:
    return counted(
        "The list names no state, so todo; it became the phase ({n} task).",
        "The list names no state, so todo; it became the phase ({n} tasks).",
        n,
    )


def _as_department(n: int) -> Sentence:
    return counted(
        "The list names no state, so todo; it became the department ({n} task).",
        "The list names no state, so todo; it became the department ({n} tasks).",
        n,
    )


def _label(parts: JsonParts) -> str:
    return parts.text("name") or parts.text("color")


def _value(item: JsonParts, field: JsonParts) -> str:
    """Return the value of an added field as text; of a list it is the text of the option."""
    if chosen := item.text("idValue"):
        options = {each.text("id"): each for each in field.several("options")}
        return options[chosen].one("value").text("text") if chosen in options else ""
    value = item.one("value")
    return value.text("text", "number", "date", "checked")


def _made(key: str) -> datetime | None:
    """Return when a card was made: the first eight digits of its id are the seconds since 1970."""
    if len(key) != 24:
        return None
    try:
        return datetime.fromtimestamp(int(key[:8], 16), UTC)
    except (ValueError, OverflowError, OSError):
        return None
