"""What a file holds, as far as it takes to know who wrote it; looked into once, when asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence
from tracker.exchange.encoding import decoded

# So much of a file is looked at to recognise what it is.
_START = 16 * 1024
# Each part can end in one place only: else all ways to divide what comes before would be tried.
_ROOT = re.compile(
    r"^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--(?:(?!-->).)*-->\s*"
    r"|<!DOCTYPE[^>\[]*(?:\[(?:(?!\]>).)*\])?>\s*|<\?[^>]*\?>\s*)*"
    r"<(?:[\w.-]+:)?(?P<name>[\w.-]+)(?P<rest>[^>]*)",
    re.DOTALL,
)


class Content:
    """The bytes of a file, or a folder; `file` is its name as it is told."""

    def __init__(
        self, data: bytes, file: str, folder: Path | None = None, encoding: str = ""
    ) -> None:
        self.data, self.file, self.folder, self.encoding = data, file, folder, encoding

    @property
    def ending(self) -> str:
        """The ending of the name in small letters, with its dot: no more than a hint."""
        return PurePath(self.file).suffix.lower()

    @cached_property
    def start(self) -> str:
        """The beginning of the text; what is no text is not empty either."""
        return decoded(self.data[:_START], encoding=self.encoding)[0].lstrip("\ufeff")

    @cached_property
    def root(self) -> tuple[str, str]:
        """The local name of the outermost element and what stands in its tag; empty if none."""
        found = _ROOT.match(self.start) if "<" in self.start[:_START] else None
        return (found["name"], found["rest"]) if found else ("", "")

    @cached_property
    def decoded_json(self) -> tuple[Any, Sentence | None]:
        """The content of a JSON file, a list for JSON Lines, and what was guessed of its encoding.

        Raises BadInput for what is none.
        """
        # Of all files only these are decoded to find out what they are.
        from tracker.exchange.json_content import json_content

        return json_content(self.data, self.file)

    @cached_property
    def json(self) -> Any:
        """The decoded content of a JSON file; None if it is none."""
        if self.start.lstrip()[:1] not in ("{", "["):
            return None
        try:
            return self.decoded_json[0]
        except BadInput:
            return None

    @cached_property
    def tasks(self) -> list[dict[str, Any]]:
        """The first objects of a JSON list, of pages of one, or of the answer to a search."""
        found = self.json
        if isinstance(found, dict):
            found = found.get("items")
        if not isinstance(found, list):
            return []
        if found and all(isinstance(page, list) for page in found):
            found = [each for page in found for each in page]
        return [each for each in found[:100] if isinstance(each, dict)]

    @cached_property
    def keys(self) -> frozenset[str]:
        """The names at the top of a JSON object; nothing for a list."""
        return frozenset(self.json) if isinstance(self.json, dict) else frozenset()

    @cached_property
    def is_table(self) -> bool:
        """Whether a text has a row that heads a table of tasks."""
        from tracker.exchange.headers import find_header
        from tracker.exchange.spreadsheet import Row, read_csv

        def known(rows: list[Row]) -> int:
            header = find_header(rows)
            return len(header.fields) if header else 0

        try:
            book = read_csv(self.data, self.file, known, encoding=self.encoding)
        except BadInput:
            return False
        return known(book.sheets[0].rows) > 1


Looks = Callable[[Content], bool]
