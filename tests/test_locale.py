"""Where the locale is not UTF-8, ASCII is drawn, whatever Python makes of it."""

from __future__ import annotations

import pytest

from tracker import language


@pytest.mark.parametrize(
    ("named", "utf8"),
    [
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE.utf8@euro"}, True),
        ({}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_ALL": "C"}, False),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, False),
        ({"LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "de_DE.UTF-8"}, True),
        ({"LC_ALL": "de_DE.ISO-8859-15@euro"}, False),
    ],
)
def test_the_locale_says_whether_there_is_unicode(
    monkeypatch: pytest.MonkeyPatch, named: dict[str, str], utf8: bool
) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda _how: "UTF-8")
    for key in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(key, raising=False)
    for key, value in named.items():
        monkeypatch.setenv(key, value)
    assert language.utf8() is utf8
