"""What an XML file holds: nothing in it unfolds, and it has an end."""

from __future__ import annotations

from collections.abc import Callable, Collection
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from tracker.domain.errors import BadInput
from tracker.exchange.source import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ROWS,
    damaged,
    too_deep,
    too_large,
    too_many_rows,
)

# A plan of the largest size has about as many; each takes some hundred bytes of memory.
_MAX_ELEMENTS = 4_000_000


def xml_content(
    data: bytes,
    file: str,
    items: Collection[str] = (),
    each: Callable[[Element], None] | None = None,
    *,
    encoding: str = "",
) -> Element:
    """Return the root of an XML file; names of elements are without their namespace.

    Elements named as `items` are counted as rows. With `each`, every one of them goes there when
    it is complete and is empty afterwards, so that not all of a large file is held at once.
    `encoding` overrides the declared one. Raises BadInput for what is no XML, declares a document
    type, lies deeper than MAX_DEPTH or is larger than a plan can be.
    """
    if len(data) > MAX_BYTES:
        raise too_large(file, len(data))
    builder = TreeBuilder()
    start, end = builder.start, builder.end
    names: dict[str, str] = {}
    depth = count = rows = 0

    def begin(written: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count, rows
        depth += 1
        count += 1
        if depth > MAX_DEPTH:
            raise too_deep(file)
        if count > _MAX_ELEMENTS:
            raise _too_many_elements(file)
        name = names.get(written)
        if name is None:
            name = names[written] = _local(written)
        if name in items:
            rows += 1
            if rows > MAX_ROWS:
                raise too_many_rows(file)
        start(name, attributes)

    def complete(written: str) -> None:
        nonlocal depth
        depth -= 1
        element = end(names[written])
        if each and element.tag in items:
            each(element)
            element.clear()

    parser = expat.ParserCreate(encoding or None)
    parser.buffer_text = True
    parser.StartElementHandler = begin
    parser.EndElementHandler = complete
    parser.CharacterDataHandler = builder.data
    # Entities, which could unfold without end, are declared nowhere else.
    parser.StartDoctypeDeclHandler = _stop
    try:
        parser.Parse(data, True)
    except _DocumentType:
        raise BadInput(
            "{file} declares a document type (DOCTYPE), which no plan needs; it is not read. Save"
            " it again in the program it comes from.",
            file=file,
        ) from None
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise damaged(file, error) from None
    return builder.close()


class _DocumentType(Exception):
    pass


def _stop(*_declaration: object) -> None:
    raise _DocumentType


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _too_many_elements(file: str) -> BadInput:
    return BadInput(
        "{file} has more than {most} elements; it is not a plan.", file=file, most=_MAX_ELEMENTS
    )
