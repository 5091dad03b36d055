"""The fences between the rooms, and what must stay true of the tree as a whole."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests import ROOT, readme

SOURCES = sorted((ROOT / "tracker").rglob("*.py"))


def test_imports_point_downwards_only() -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    docstring = ast.get_docstring(tree)
    assert docstring, "a module docstring is missing"
    assert docstring.partition("\n")[0].endswith("."), "its first line is one sentence"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_functions_are_described(path: Path) -> None:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    missing = [
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not any(
            ast.unparse(mark).endswith(("overload", ".setter")) for mark in node.decorator_list
        )
        and _outermost(path, node)
    ]
    assert not missing


def _outermost(path: Path, node: ast.AST) -> bool:
    """Return whether a definition is one of the module or of a class, not of a function."""
    tree = ast.parse(path.read_text("utf-8"))
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    places: list[ast.Module | ast.ClassDef] = [tree, *classes]
    lines = {each.lineno for place in places for each in place.body}
    return getattr(node, "lineno", 0) in lines


def test_the_top_level_holds_what_it_should() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout")
    top = {line.partition("/")[0] for line in listed.stdout.split("\0") if line}
    visible = {name for name in top if not name.startswith(".")}
    assert visible <= {"tracker", "tests", "pyproject.toml", "README.md"}


def _files() -> list[Path]:
    """Return what belongs to the project, whatever else lies about."""
    folders = [ROOT / name for name in ("tracker", "tests", ".ci", ".readme")]
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in found if "__pycache__" not in path.parts and path.suffix != ".mo"]


def test_no_two_files_have_one_name() -> None:
    """But for screens of views, what makes a package, where tests start, and whose samples are."""
    several = Counter(path.name for path in _files())
    del several["__init__.py"], several["screen.py"], several["conftest.py"]
    del several["SOURCES.md"]
    assert [name for name, count in several.items() if count > 1] == []


def _kinds(path: Path) -> set[str]:
    """Return the public classes of a module, and the names that it gives to types."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            names = {each.id for each in node.targets if isinstance(each, ast.Name)}
            # Constants are in capitals, and so are type variables, one letter each.
            found |= {name for name in names if name[0].isupper() and not name.isupper()}
    return {name for name in found if not name.startswith("_")}


def test_no_two_classes_or_types_have_one_name() -> None:
    several = Counter(name for path in SOURCES for name in _kinds(path))
    assert [name for name, count in several.items() if count > 1] == []


# Rooms whose work is seen only through those that use them, or that only hold rooms.
_TESTED_THROUGH_OTHERS = {"locale", "tui/view", "tui/widgets"}


def test_tests_mirror_the_rooms() -> None:
    rooms, tested = (
        {str(path.parent.relative_to(ROOT / top)) for path in (ROOT / top).rglob(pattern)}
        for top, pattern in (("tracker", "*.py"), ("tests", "test_*.py"))
    )
    assert tested <= rooms, "tests of a room that is not there"
    assert rooms - tested == _TESTED_THROUGH_OTHERS


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    block = text.partition("\ndependencies = [\n")[2].partition("\n]")[0]
    for line in block.splitlines():
        assert re.search(r"# \w+", line), f"no reason beside {line.strip()}"


def test_the_table_of_keys_in_the_readme_is_current() -> None:
    assert readme.current() == readme.README.read_text("utf-8"), "run python -m tests.readme"


def test_no_handler_of_a_message_calls_that_of_its_superclass() -> None:
    # Textual calls the handlers of all classes itself: one called by another runs twice.
    # `on_event` is no such handler.
    found = [
        f"{path.relative_to(ROOT)}: {call}"
        for path in (ROOT / "tracker" / "tui").rglob("*.py")
        for call in re.findall(r"super\(\)\._?on_(?!event\b)\w+", path.read_text("utf-8"))
    ]
    assert found == []
