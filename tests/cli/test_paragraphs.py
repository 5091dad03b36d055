"""A long remark is broken where the terminal ends, and hangs behind its first words."""

from __future__ import annotations

import pytest

from tracker.cli import printer


def printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, width: int
) -> list[str]:
    monkeypatch.setattr(printer, "terminal_width", lambda: width)
    shown = printer.Printer(color=False, ascii=False, json=False)
    shown.terminal = width > 0
    shown.paragraph(text)
    return capsys.readouterr().out.splitlines()


def test_a_paragraph_hangs_and_a_pipe_gets_it_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "  row 3: Übergabe 漢字 was read as the next one"
    lines = printed(capsys, monkeypatch, text, 24)
    assert lines == ["  row 3: Übergabe 漢字", "    was read as the next", "    one"]
    assert printed(capsys, monkeypatch, text, 0) == [text]
    assert printed(capsys, monkeypatch, "", 24) == [""]
