"""XML is read as far as it has an end; what could unfold is refused with a sentence."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from tracker.domain.errors import BadInput
from tracker.exchange.foreign import xml_content as xml
from tracker.exchange.source import MAX_DEPTH, MAX_ROWS

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<Project>&b;</Project>"""


def test_names_are_without_namespaces_and_texts_whole() -> None:
    data = (
        '<p:Project xmlns:p="http://schemas.microsoft.com/project"><p:Name>A<!-- x -->&amp;'
        "<![CDATA[<b>]]>\u00e4</p:Name></p:Project>"
    ).encode()
    root = xml.xml_content(data, "a.xml")
    assert (root.tag, root.findtext("Name")) == ("Project", "A&<b>\u00e4")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "iso-8859-15"])
def test_the_declared_encoding_counts(encoding: str) -> None:
    declared = "" if encoding.startswith("utf") else f'<?xml version="1.0" encoding="{encoding}"?>'
    root = xml.xml_content(f"{declared}<P>Übergabe €</P>".encode(encoding), "a.xml")
    assert root.text == "Übergabe €"
    given = xml.xml_content("<P>Übergabe</P>".encode("cp1252"), "a.xml", encoding="cp1252")
    assert given.text == "Übergabe"


def test_items_go_one_by_one_and_are_empty_behind() -> None:
    seen: list[str | None] = []

    def each(item: Element) -> None:
        seen.append(item.findtext("Name"))

    data = b"<P><T><Name>A</Name></T><Other>x</Other><T><Name>B</Name></T></P>"
    root = xml.xml_content(data, "a.xml", ("T",), each)
    assert seen == ["A", "B"]
    assert root.findtext("Other") == "x"
    assert not any(len(item) for item in root.findall("T"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (LAUGHS, "a.xml declares a document type"),
        (b'<!DOCTYPE p SYSTEM "file:///etc/passwd"><p/>', "a.xml declares a document type"),
        (b"<P>&b;</P>", "undefined entity"),
        (b"<P><T></P>", "mismatched tag"),
        (b"<P>", "no element found"),
        (b"", "no element found"),
        (b"<P>\xff</P>", "not well-formed"),
        (b'<?xml version="1.0" encoding="no-such"?><P/>', "no-such"),
        (b'<?xml version="1.0" encoding="shift_jis"?><P/>', "multi-byte"),
        (b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), "more than 40 levels deep"),
    ],
)
def test_what_is_no_plan_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        xml.xml_content(data, "a.xml")


def test_what_has_no_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "_MAX_ELEMENTS", 100_009)
    monkeypatch.setattr(xml, "MAX_BYTES", 500_000)
    for data, said in (
        (b"<P>" + b"<T/>" * (MAX_ROWS + 1) + b"</P>", "has more than 100000 rows"),
        (b"<P>" + b"<U/>" * 100_010 + b"</P>", "more than 100009 elements"),
        (b"<P>" + b" " * 500_000 + b"</P>", "is too large"),
    ):
        with pytest.raises(BadInput, match=said):
            xml.xml_content(data, "a.xml", ("T",))
