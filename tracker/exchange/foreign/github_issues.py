"""Issues of GitHub: what `gh issue list --json …` prints, or the list of its REST API.

Fields: https://cli.github.com/manual/gh_issue_list and
https://docs.github.com/rest/issues/issues (where names have underscores and words are lower case).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from tracker.domain.model import Item, State
from tracker.domain.sentence import Sentence, counted, sentence
from tracker.domain.typing.vocabulary import meaning_key
from tracker.exchange.foreign.label_words import read_labels
from tracker.exchange.foreign.named_people import NamedPeople, put_people
from tracker.exchange.foreign.parts import JsonParts
from tracker.exchange.ledger import Ledger
from tracker.exchange.moments import Moments
from tracker.exchange.outline import Outline, PlanItem, Relation
from tracker.exchange.repeated_remarks import RepeatedRemarks
from tracker.exchange.settling import settled
from tracker.exchange.source import MAX_ROWS, ReadOptions, Source, harmless_value, too_many_rows

_ISSUE_URL = re.compile(r"(?:^|/)([^/\s]+/[^/\s]+)/(?:issues|pull)/(\d{1,9})/?(?:[?#].*)?$")
_REPOSITORY_URL = re.compile(r"/repos/([^/\s]+/[^/\s]+)$")
_BOX = re.compile(r"^[ \t]*[-*+] \[([ xX])\][ \t]+([^ \t\n].*)", re.MULTILINE)
_PROSE = re.compile(
    r"\b(?:depends on|blocked by|requires|needs|hängt ab von|blockiert durch)\s+"
    r"(?:[\w.-]+/[\w.-]+)?#\d+",
    re.IGNORECASE,
)
_NEVER_DONE = frozenset(("notplanned", "duplicate", "wontfix"))
# Lists of so many are often only the beginning: what `gh` and the API give unless asked for more.
_CUT_AT = frozenset((30, 100, 1000))
_COMPUTED = (
    *("id", "node_id", "closed", "events_url", "comments_url", "labels_url", "timeline_url"),
    *("assignee", "repository_url", "url", "html_url", "score", "author_association"),
    *("subIssuesSummary", "sub_issues_summary", "user_view_type", "isPinned", "pinned_comment"),
    *("performed_via_github_app", "reactions", "reactionGroups", "closed_by"),
)
_SAYS = frozenset(
    (
        *("title", "state", "priority", "due", "tags", "notes", "assignee", "requester"),
        *("watchers", "checklist", "phase"),
    )
)


def read(decoded: tuple[Any, Sentence | None], file: str, options: ReadOptions) -> Source:
    """Return the tasks of a list of issues; raises BadInput."""
    content, remark = decoded
    values = _issues(content)
    if len(values) > MAX_ROWS:
        raise too_many_rows(file)
    source = Source(file, options.project, id_column="number", states=_SAYS)
    if remark:
        source.warn(0, "", "", remark)
    if len(values) in _CUT_AT:
        why = sentence(
            "The list has exactly {count} issues; it may have been cut there. `gh issue list"
            " --limit 5000 --state all` lists more.",
            count=len(values),
        )
        source.warn(0, "", "", why)
    return _Reading(source, values, options).done()


def _issues(content: Any) -> list[Any]:
    """Return the issues of a list, of pages of it, or of the result of a search."""
    if isinstance(content, dict):
        content = content.get("items")
    if not isinstance(content, list):
        return []
    if content and all(isinstance(page, list) for page in content):
        return [each for page in content for each in page]
    return content


class _Reading:
    """A list of issues being read."""

    def __init__(self, source: Source, values: list[Any], options: ReadOptions) -> None:
        self.source, self.values, self.options = source, values, options
        self.outline = Outline(source, schedule=False)
        self.remarks, self.ledger = RepeatedRemarks(source), Ledger(source, computed=_COMPUTED)
        self.named = NamedPeople(source)
        self.moments = Moments(source, options.zone, here=options.here)
        self.forms = [JsonParts(value) for value in values]
        self.repositories = [_repository(parts) for parts in self.forms]
        named = set(filter(None, self.repositories))
        self.several = len(named) > 1
        if len(named) == 1 and not source.project:
            source.project = named.pop().rpartition("/")[2]
        self.children: dict[str, str] = {}

    def done(self) -> Source:
        """Return the tasks with everything that was remarked."""
        seen: set[str] = set()
        for row, value in enumerate(self.values, 1):
            if not isinstance(value, dict):
                text = harmless_value(value)
                self.source.skip(row, sentence("This is not a task: {text}", text=text))
                continue
            parts, repository = self.forms[row - 1], self.repositories[row - 1]
            number = parts.whole("number")
            place, key = _place(number), _key(repository, number, row)
            if "pull_request" in parts or parts.flag("isPullRequest"):
                why = sentence("A pull request is not a task; not taken.")
                self.source.skip(row, why, place)
            elif key in seen:
                why = sentence("This task is in the list twice; the first one was taken.")
                self.source.skip(row, why, place)
            else:
                seen.add(key)
                self.outline.items.append(self._item(parts, key, repository, row))
                parts.close(self.source, self.ledger, row, place)
        for item in self.outline.items:
            item.parent = item.parent or self.children.get(item.key)
        self.remarks.tell()
        self.ledger.close()
        return settled(self.outline, self.options)

    # --- one issue -----------------------------------------------------------------------------

    def _item(self, parts: JsonParts, key: str, repository: str, row: int) -> PlanItem:
        number = parts.whole("number")
        place, known = _place(number), number is not None
        item = PlanItem(key=key, row=row, place=place)
        item.origin = f"github:{repository}{place}" if known else ""
        # Of several repositories, numbers are there more than once.
        if known and not self.several:
            item.number, item.wanted = str(number), number
        fields = item.fields
        fields["title"] = parts.text("title")
        body = parts.text("body")
        fields["notes"] = body
        fields["checklist"] = tuple(
            Item(text=" ".join(text.split()), done=box != " ")
            for box, text in _BOX.findall(body)
            if text.strip()
        )
        self._prose(body, row, place)
        self._people(parts, fields, row, place)
        fields["created"] = parts.moment("createdAt") or parts.moment("created_at")
        fields["modified"] = parts.moment("updatedAt") or parts.moment("updated_at")
        self._milestone(parts, fields, row, place)
        labels = parts.texts("labels") or [
            each.text("name") for each in _only(parts.several("labels"), *_OF_LABELS)
        ]
        self._state(parts, item, list(filter(None, labels)))
        self._comments(parts, fields)
        self._ends(parts, item, repository)
        if kind := parts.one("issueType").text("name") or parts.one("type").text("name"):
            fields["tags"] = (*fields["tags"], kind)
        return item

    def _state(self, parts: JsonParts, item: PlanItem, labels: list[str]) -> None:
        fields = item.fields
        ended = parts.moment("closedAt") or parts.moment("closed_at")
        word = parts.text("state").upper()
        reason = meaning_key(parts.text("stateReason", "state_reason"))
        state: State = "todo"
        if word == "CLOSED":
            state, item.ended = ("dropped" if reason in _NEVER_DONE else "done"), ended
        elif word != "OPEN":
            why = sentence("{word} is not a known state; the task is todo.", word=word or "–")
            self.source.warn(item.row, "state", word, why, item.place)
        is_open = word != "CLOSED"
        said = read_labels(
            labels, self.remarks, item.row, "labels", place=item.place, states=is_open
        )
        if is_open:
            state = said.state or "todo"
        fields["state"], fields["priority"] = state, said.priority or "medium"
        if said.waiting_for and state == "waiting":
            fields["waiting_for"] = said.waiting_for
        fields["tags"] = (*fields.get("tags", ()), *said.tags)

    def _people(self, parts: JsonParts, fields: dict[str, Any], row: int, place: str) -> None:
        people = [self._person(each) for each in parts.several("assignees")]
        put_people(fields, people, self.remarks, row, "assignees", place)
        author = self._person(parts.one("author")) or self._person(parts.one("user"))
        fields["requester"] = author or None

    def _person(self, parts: JsonParts) -> str:
        parts.drop(*_OF_PEOPLE)
        return self.named.called(parts.text("login"), parts.text("name"))

    def _milestone(self, parts: JsonParts, fields: dict[str, Any], row: int, place: str) -> None:
        milestone = parts.one("milestone")
        milestone.drop(*_OF_MILESTONES)
        if title := milestone.text("title"):
            fields["phase"] = title
        # GitHub keeps a day as some hour of it in UTC: the date as it is written is the day.
        at = milestone.moment("dueOn") or milestone.moment("due_on")
        if at is None:
            return
        day: date = at.date()
        fields["due"] = day
        self.remarks.note(
            row,
            "milestone",
            f"{title} {day}",
            lambda n: counted(
                "The date of the milestone became the due date ({n} task).",
                "The dates of milestones became due dates ({n} tasks).",
                n,
            ),
            near=True,
            place=place,
        )

    def _comments(self, parts: JsonParts, fields: dict[str, Any]) -> None:
        comments = parts.several("comments")
        lines = []
        for each in comments:
            each.drop(*_OF_COMMENTS)
            at = each.moment("createdAt") or each.moment("created_at")
            who = self._person(each.one("author")) or self._person(each.one("user"))
            begins = " ".join(filter(None, (str(self.moments.here(at).date()) if at else "", who)))
            lines.append(f"{begins}: {each.text('body')}".removeprefix(": "))
        if not comments:
            # The REST answer has only how many there are.
            count = parts.whole("comments")
            if count:
                self.remarks.note(
                    0,
                    "comments",
                    "",
                    lambda n: counted(
                        "There are comments that are not in this file ({n} task).",
                        "There are comments that are not in this file ({n} tasks).",
                        n,
                    ),
                )
        fields["notes"] = "\n\n".join(filter(None, (fields["notes"], *lines)))

    def _prose(self, body: str, row: int, place: str) -> None:
        for found in _PROSE.findall(body):
            self.remarks.note(
                row,
                "body",
                found,
                lambda n: counted(
                    "Looks like a dependency; only those outside the text are read ({n} found).",
                    "Looks like a dependency; only those outside the text are read ({n} found).",
                    n,
                ),
                place=place,
            )

    # --- arrows --------------------------------------------------------------------------------

    def _ends(self, parts: JsonParts, item: PlanItem, repository: str) -> None:
        """Note what the issue waits for, what waits for it, and what it is a part of."""
        for name, back in (("blockedBy", False), ("blocked_by", False), ("blocking", True)):
            for each in parts.several(name):
                other = self._reference(each, repository)
                ends = (item.key, other) if back else (other, item.key)
                self.outline.relations.append(
                    Relation(*ends, row=item.row, column=name, text=_shown(other, repository))
                )
        above = parts.one("parent")
        if above.whole("number") is not None:
            item.parent = self._reference(above, repository)
        elif found := _ISSUE_URL.search(parts.text("parent_issue_url")):
            item.parent = _key(_bare(found[1]), int(found[2]), 0)
        for name in ("subIssues", "sub_issues"):
            for each in parts.several(name):
                self.children.setdefault(self._reference(each, repository), item.key)
        counts = parts.one("issue_dependencies_summary")
        counts.drop("blocking", "total_blocking", "total_blocked_by")
        if counts.whole("blocked_by"):
            self.remarks.note(
                item.row,
                "issue_dependencies_summary",
                "",
                lambda n: counted(
                    "What blocks it is not in this file; `gh issue list --json blockedBy,…` lists"
                    " it ({n} task).",
                    "What blocks them is not in this file; `gh issue list --json blockedBy,…` lists"
                    " it ({n} tasks).",
                    n,
                ),
                place=item.place,
            )

    def _reference(self, parts: JsonParts, repository: str) -> str:
        parts.drop("title", "state", "id", "url", "html_url", "repository")
        number, found = parts.whole("number"), _ISSUE_URL.search(parts.text("url", "html_url"))
        if found:
            return _key(_bare(found[1]), int(found[2]), 0)
        return _key(repository, number, 0)


_OF_LABELS = (
    *("id", "node_id", "url", "description", "color", "default", "isDefault"),
    *("createdAt", "updatedAt"),
)
_OF_PEOPLE = (
    *("id", "node_id", "is_bot", "databaseId", "type", "site_admin", "user_view_type", "email"),
    *("url", "html_url", "avatar_url", "gravatar_id", "followers_url", "following_url"),
    *("gists_url", "starred_url", "subscriptions_url", "organizations_url", "repos_url"),
    *("events_url", "received_events_url", "avatarUrl"),
)
_OF_MILESTONES = (
    *("number", "description", "id", "node_id", "url", "html_url", "labels_url", "creator"),
    *("open_issues", "closed_issues", "state", "created_at", "updated_at", "closed_at"),
)
_OF_COMMENTS = (
    *("id", "node_id", "url", "html_url", "issue_url", "authorAssociation", "includesCreatedEdit"),
    *("isMinimized", "minimizedReason", "reactionGroups", "viewerDidAuthor", "reactions"),
    *("author_association", "updated_at", "updatedAt", "performed_via_github_app"),
)


def _only(several: list[JsonParts], *beside: str) -> Iterator[JsonParts]:
    for each in several:
        each.drop(*beside)
        yield each


def _repository(parts: JsonParts) -> str:
    for name in ("html_url", "url", "repository_url"):
        text = parts.text(name)
        found = _ISSUE_URL.search(text) or _REPOSITORY_URL.search(text)
        if found:
            return _bare(found[1])
    return parts.one("repository").text("nameWithOwner", "full_name")


def _bare(repository: str) -> str:
    return repository.removeprefix("repos/")


def _place(number: int | None) -> str:
    """Return what an issue is called in the report; one without a number by its row."""
    return "" if number is None else f"#{number}"


def _key(repository: str, number: int | None, row: int) -> str:
    """Return what an issue is known by; one without a number by its row."""
    return f"{repository.lower()}#{number}" if number is not None else f"row {row}"


def _shown(key: str, repository: str) -> str:
    return key.removeprefix(repository.lower())
