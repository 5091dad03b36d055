"""What a JSON file holds: a document, or an object on each line."""

from __future__ import annotations

import codecs
import json
from itertools import count
from pathlib import PurePath
from typing import Any

import msgspec

from tracker.domain.errors import BadInput
from tracker.domain.sentence import Sentence, quoted
from tracker.exchange.document import FORMAT
from tracker.exchange.encoding import decoded
from tracker.exchange.source import damaged, harmless_value, too_deep

# The endings of files with an object on each line (JSON Lines).
LINES = (".jsonl", ".ndjson")


def json_content(data: bytes, file: str) -> tuple[Any, Sentence | None]:
    """Return the content of a JSON file, and what had to be guessed of its encoding.

    The objects of JSON Lines are a list. Raises BadInput.
    """
    return _lines(data, file) if _is_lines(data, file) else _decoded(data, file)


def _is_lines(data: bytes, file: str) -> bool:
    """Return whether a file has an object on each line, by its ending or its first two lines."""
    if PurePath(file).suffix.lower() in LINES:
        return True
    lines = [line for line in data.split(b"\n", 50) if line.strip()][:2]
    return len(lines) == 2 and all(
        line.strip().startswith(b"{") and line.strip().endswith((b"}", b"},")) for line in lines
    )


def _lines(data: bytes, file: str) -> tuple[list[Any], Sentence | None]:
    """Return the objects of a file that has one on each line, and what was guessed."""
    text, remark = decoded(data)
    found: list[Any] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            # Some put commas between the lines, and no brackets around all of them.
            bare = line.strip().removesuffix(",")
            found += [json.loads(bare, object_pairs_hook=_every_part)] if bare else []
        except RecursionError:
            raise too_deep(file) from None
        except ValueError as error:
            raise BadInput(
                "Line {line} of {file} is not JSON: {problem}. Each line must be one task.",
                line=number,
                file=file,
                problem=quoted(harmless_value(error)),
            ) from error
    return found, remark


def _decoded(data: bytes, file: str) -> tuple[Any, Sentence | None]:
    """Return the content of a document, and what had to be guessed of its encoding.

    What was not written here may be in any encoding, and may name a part of an object twice.
    """
    problem = None
    try:
        content = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8))
        if _is_own(content):
            return content, None
        del content  # it may be large, and is read again
    except RecursionError:
        raise too_deep(file) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        problem = error
    text, remark = decoded(data)
    try:
        if problem:
            msgspec.json.decode(text.encode("utf-8", "replace"))
        return json.loads(text, object_pairs_hook=_every_part), remark
    except RecursionError:
        raise too_deep(file) from None
    except (msgspec.MsgspecError, ValueError):
        raise damaged(file, problem) from None


def _is_own(content: Any) -> bool:
    """Return whether this program wrote a document, so that its texts are meant to the letter."""
    if isinstance(content, list):
        return any(isinstance(each, dict) and "tracker_id" in each for each in content)
    return isinstance(content, dict) and content.get("format") == FORMAT


def _every_part(parts: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a part that is named once more gets a number behind its name."""
    found = dict(parts)
    if len(found) == len(parts):
        return found
    found = {}
    for name, value in parts:
        if name in found and found[name] != value:
            name = next(new for n in count(2) if (new := f"{name} ({n})") not in found)
        found[name] = value
    return found
