"""Files of other programs, changed: by one name nobody knows, or damaged as on the way here."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from openpyxl import load_workbook

from tracker.exchange.encoding import decoded

# What is put in: nobody can have written it before.
NAME, VALUE = "Xnovelty", "qzv7741"
# Of a large file so many places are tried.
_MOST = 40


def novelties(path: Path) -> Iterator[tuple[str, bytes]]:
    """Walk over files that say one thing more, with the place of it: a field nobody knows."""
    data = path.read_bytes()
    match path.suffix.lower():
        case ".xml" | ".gan":
            yield from _in_xml(data)
        case ".json":
            yield from _in_json(json.loads(data))
        case ".csv":
            yield from _in_csv(decoded(data)[0])
        case ".xlsx":
            yield from _in_workbook(path)
        case ".ics":
            yield from _in_lines(data, f"X-{NAME.upper()}:{VALUE}\r\n", after="BEGIN:VTODO")
        case ".txt":
            yield from _in_words(data.decode())
        case ".xer":
            yield from _in_xer(data)
        case ".md":
            yield from _in_markdown(data.decode())


def damaged(data: bytes, seed: int) -> bytes:
    """Return a file that was cut off, of which a piece is there twice, or two changed places."""
    chance = random.Random(seed)
    marks = sorted(chance.randrange(len(data) + 1) for _ in range(4))
    first, second, third, fourth = marks
    match seed % 4:
        case 0:
            return data[:third]
        case 1:
            return data[:first] + data[third:]
        case 2:
            return data[:third] + data[second:third] * 3 + data[third:]
        case _:
            pieces = data[third:fourth], data[second:third], data[first:second]
            return data[:first] + b"".join(pieces) + data[fourth:]


def _in_xml(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Put an element into the first element of each path, and an attribute on it."""
    paths: dict[str, int] = {}
    root = _parsed(data)
    for at, (path, _element) in enumerate(_elements(root, "")):
        paths.setdefault(path, at)
    for path, at in list(paths.items())[:_MOST]:
        for kind in ("element", "attribute"):
            root = _parsed(data)
            _path, element = next(each for n, each in enumerate(_elements(root, "")) if n == at)
            if kind == "attribute":
                element.set(NAME, VALUE)
            elif len(element) or not (element.text or "").strip():
                prefix = element.tag.partition("}")[0] + "}" if "}" in element.tag else ""
                ElementTree.SubElement(element, prefix + NAME).text = VALUE
            else:
                continue
            yield f"{kind} in {path}", ElementTree.tostring(root, "utf-8", xml_declaration=True)


def _parsed(data: bytes) -> Element:
    return ElementTree.fromstring(data)  # noqa: S314  # a sample of ours


def _elements(element: Element, above: str) -> Iterator[tuple[str, Element]]:
    path = f"{above}/{element.tag.rpartition('}')[2]}"
    yield path, element
    for child in element:
        yield from _elements(child, path)


def _in_json(content: Any) -> Iterator[tuple[str, bytes]]:
    """Put a name into the first object of each path."""
    paths: dict[str, int] = {}
    for at, (path, _found) in enumerate(_objects(content, "")):
        paths.setdefault(path, at)
    text = json.dumps(content)
    for path, at in list(paths.items())[:_MOST]:
        copy = json.loads(text)
        _path, found = next(each for n, each in enumerate(_objects(copy, "")) if n == at)
        found[NAME] = VALUE
        yield path or "/", json.dumps(copy, ensure_ascii=False).encode()


def _objects(content: Any, above: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(content, dict):
        yield above, content
        for name, value in content.items():
            yield from _objects(value, f"{above}/{name}")
    elif isinstance(content, list):
        for value in content:
            yield from _objects(value, above)


def _in_csv(text: str) -> Iterator[tuple[str, bytes]]:
    """Put a column behind the last one."""
    mark = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    head = max(range(min(10, len(rows))), key=lambda at: sum(map(bool, rows[at])))
    for at, row in enumerate(rows):
        row.append(NAME if at == head else VALUE if at == head + 1 else "")
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows(rows)
    yield "column", out.getvalue().encode()


def _in_markdown(text: str) -> Iterator[tuple[str, bytes]]:
    """Put a field into the front matter, and a section behind the last one."""
    yield "field", text.replace("---\n", f"---\n{NAME}: {VALUE}\n", 1).encode()
    yield "section", f"{text}\n## {NAME}\n\n{VALUE}\n".encode()


def _in_workbook(path: Path) -> Iterator[tuple[str, bytes]]:
    """Put a column behind the last one of each sheet."""
    for name in load_workbook(path).sheetnames:
        book = load_workbook(path)
        sheet = book[name]
        filled = [
            sum(cell.value is not None for cell in row) for row in sheet.iter_rows(max_row=12)
        ]
        head = filled.index(max(filled)) + 1
        at = sheet.max_column + 1
        sheet.cell(head, at, NAME)
        sheet.cell(head + 1, at, VALUE)
        out = io.BytesIO()
        book.save(out)
        yield f"column in {name}", out.getvalue()


def _in_lines(data: bytes, line: str, after: str) -> Iterator[tuple[str, bytes]]:
    """Put a line behind one."""
    mark = after.encode()
    at = data.find(mark)
    if at >= 0:
        end = data.index(b"\n", at) + 1
        yield f"line behind {after}", data[:end] + line.encode() + data[end:]


def _in_words(text: str) -> Iterator[tuple[str, bytes]]:
    """Put a pair of words behind the first line."""
    first, end, rest = text.partition("\n")
    yield "pair", f"{first.rstrip()} {NAME.casefold()}:{VALUE}{end}{rest}".encode()


def _in_xer(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Put a field behind the last one of each table."""
    lines = data.split(b"\n")
    for at, line in enumerate(lines):
        if line.startswith(b"%T"):
            changed = list(lines)
            for below in range(at + 1, len(lines)):
                bare = lines[below].rstrip(b"\r")
                if bare.startswith((b"%T", b"%E")):
                    break
                more = NAME if bare.startswith(b"%F") else VALUE
                changed[below] = bare + b"\t" + more.encode() + b"\r"
            yield f"field of {line.decode('latin-1').strip()}", b"\n".join(changed)
