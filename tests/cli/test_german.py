"""The program in German: no English word for a field, a state or a thing in a German sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.test_calls import Shell
from tracker import language
from tracker.domain.fields import BY_NAME, OTHER_LABELS
from tracker.domain.model import PRIORITIES, STATES, SYSTEM_STATES
from tracker.domain.status import priority_word, state_word
from tracker.domain.typing.vocabulary import (
    CONDITIONS,
    condition_from_word,
    condition_word,
    priority_from_word,
    state_from_word,
)
from tracker.language import say


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """No workspace yet."""
    return Shell(tmp_path / "plan.json", capsys)


# Each line goes through one verb, or one refusal.
CALLS = """
init
add Konzept @Netz ~1/2/5 !high due:fr
add Bau after:1 back:1:30% sys:ERP
add Test after:2 ~2
add x !quatsch
add x ~9/2/1
add x after:99
add x back:1:200%
add x proj:
edit 1 quatsch=1
edit 1 due
edit 1 due=quatsch
edit 1 low=9
edit 1 effort=9999999
edit 1 every=quatsch
edit 1,2 prio=low due=1.12.
edit 1 prio=low
edit 1 title=
edit 1 after=2
start 1
start 1,2
done 1,2,3
done 1
wait 1,2,3 --for #2
drop 3
drop 1,3
reopen 3
reopen 1,3
confirm 1,2
done 1,2
back 3 --to 1
back 3 --to 1 --why nein --also 99
back 3 --to 1 --why nein --system ERP
back 1 --to 3 --why nein
confirm 1,2,3
link 1 2
link 3 1
link 1 1
link 3 1 --return --rate 100%
link 3 1 --return --share 0
link 3 1 --rate 3
link 3 1 --return --lag 2
unlink 1 3
system ERP down --why kaputt
system ERP down
system ERP up
list dept:quatsch
list state:quatsch
list prio:quatsch
list quatsch:x
list due:
list (a
list a)
list not
list passes:>x
list created:quatsch
show 99
show 2
schedule
forecast --runs 50
loops
log
undo
redo
undo --who niemand
delete 3
delete 3
check
import nichtda.csv
export x.quatsch
""".strip().splitlines()


# Commands and options are the same in every language.
_AS_TYPED = re.compile(r"`[^`]*`|--\w+")


def _english() -> set[str]:
    """Return the English words that have another one in German, lower case."""
    labels = [*(field.label for field in BY_NAME.values()), *OTHER_LABELS.values()]
    states = [*map(state_word, STATES), *map(priority_word, PRIORITIES)]
    words = {str(text).lower() for text in (*labels, *states, *map(condition_word, CONDITIONS))}
    words |= {*STATES, *PRIORITIES, *SYSTEM_STATES, *(name for name in BY_NAME)}
    words |= {"task", "link", "person", "department", "arrow", "pass", "working", "days", "of"}
    # These are words of German as well.
    return words - {"name", "budget", "person", "tags", "status", "system"}


def test_no_english_word_stands_in_a_german_sentence(shell: Shell) -> None:
    english = _english()
    found: dict[str, set[str]] = {}
    for line in CALLS:
        words = line.split()
        said = shell(*words, "--lang", "de")
        plain = _AS_TYPED.sub("", (said.out + said.err).replace(str(shell.file), ""))
        told = plain.splitlines()
        told = [part for part in told if not re.match(r"Aufruf: |   ", part)]
        typed = {part.lower() for word in words for part in re.findall(r"\w+", word)}
        seen = {part.lower() for part in re.findall(r"[^\W\d]+", "\n".join(told))}
        if odd := (seen & english) - typed:
            found[line] = odd
    assert not found


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_what_is_shown_may_be_typed(spoken: str) -> None:
    language.use(spoken)
    try:
        shown = [say(state_word(each)) for each in STATES]
        assert tuple(map(state_from_word, shown)) == STATES
        assert [priority_from_word(say(priority_word(each))) for each in PRIORITIES] == [
            *PRIORITIES
        ]
        shown = [say(condition_word(each)) for each in CONDITIONS]
        assert tuple(map(condition_from_word, shown)) == CONDITIONS
    finally:
        language.use("en")
