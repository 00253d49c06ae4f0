"""Documents say what is there: names that exist, every feature once, every context described."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest

from guicang.cli import registry
from guicang.returns import lifecycle
from tools import docs

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "guicang"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *SOURCE.rglob("README.md")])
GUIDES = [ROOT / "docs" / language / "guide.md" for language in ("zh", "en")]
#: What the catalogue numbers.
FEATURES = [f"S{number}" for number in range(1, 130)] + [f"B{number}" for number in range(1, 36)]
#: Folders of the roof that hold no code of a context.
NO_CONTEXT = {"locale"}
#: `a/b.py`, `a/b/`: a path in backticks. Addresses (/healthz) and places of an installation are none.
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|toml|md))`")
#: Where an installation keeps what it writes.
INSTALLED = (
    "GUICANG_HOME/",
    "asides/",
    "uploads/",
    "handover/",
    "staging/",
    "log/",
    "vault/",
    "var/",
    "./var",
    ".venv/",
)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
PAGE_LINES = 60


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("name", docs.GENERATED)
def test_generated_documents_are_fresh(name: str) -> None:
    assert (docs.DOCS / name).read_text(encoding="utf8") == docs.GENERATED[name](), "run: make fix"


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_named_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf8")
    named = (name for name in PATH.findall(text) if not name.startswith(INSTALLED))
    missing = [name for name in named if not _found(page, name)]
    missing += [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert not missing, f"{_named(page)} names what is not there: {missing}"


def _found(page: Path, name: str) -> bool:
    """From the root, from the package, or from the page's own folder; a name alone may be anywhere in the package."""
    if "/" not in name and any(SOURCE.rglob(name)):
        return True
    return any((base / name).exists() for base in (ROOT, SOURCE, page.parent))


def _features() -> list[list[str]]:
    rows = (ROOT / "docs" / "features.md").read_text(encoding="utf8").splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if re.match(r"\| [SB]\d+ ", row)]


def test_every_feature_stands_once() -> None:
    found = Counter(row[0] for row in _features())
    assert found == Counter(FEATURES)


def test_states_of_features_are_true_to_their_form() -> None:
    """What is done or part names where; the head counts them."""
    states: Counter[str] = Counter()
    for feature, _name, state, where in _features():
        assert state in ("done", "part", "not yet"), feature
        assert state == "not yet" or len(where) > 1, f"{feature} is {state}, and nobody says where"
        if state == "done":
            assert "test" in where, f"{feature} is done, and no test is named"
        states[state] += 1
    counted = "{done} done, {part} part, {not yet} not yet".format_map({name: states[name] for name in states})
    assert counted in (ROOT / "docs" / "features.md").read_text(encoding="utf8"), counted


def _contexts() -> list[Path]:
    """Folders with code of their own: an announced context that is still empty needs no page."""
    return [
        folder
        for folder in sorted(SOURCE.iterdir())
        if folder.is_dir()
        and folder.name not in NO_CONTEXT
        and any(path.name not in ("__init__.py", "apps.py") for path in folder.rglob("*.py"))
    ]


@pytest.mark.parametrize("context", _contexts(), ids=lambda folder: folder.name)
def test_every_context_says_what_it_owns(context: Path) -> None:
    page = context / "README.md"
    assert page.exists(), f"{context.name} has no README.md"
    text = page.read_text(encoding="utf8")
    assert len(text.splitlines()) <= PAGE_LINES, "at most a page"
    assert "ever" in text, "a context says what it never does"


def test_the_map_has_every_folder() -> None:
    text = (ROOT / "docs" / "where-to-put-things.md").read_text(encoding="utf8")
    folders = [path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert not [name for name in sorted(folders) if f"`{name}/`" not in text]


@pytest.mark.parametrize("page", [ROOT / "README.md", *GUIDES], ids=_named)
def test_commands_in_the_text_exist(page: Path) -> None:
    named = set(re.findall(r"(?:`|^|&& |, )guicang ([a-z]+)", page.read_text(encoding="utf8"), re.MULTILINE))
    assert named, "the pattern finds nothing any more"
    assert not named - set(registry.names()), "these commands are not there"


@pytest.mark.parametrize("page", GUIDES, ids=_named)
def test_every_variable_is_explained(page: Path) -> None:
    read = re.compile(r"environ(?:ment)?(?:\.get\(|\[)\"(GUICANG_\w+)\"|\"(GUICANG_[A-Z]+_KEY)\"")
    known = {
        name for path in SOURCE.rglob("*.py") for pair in read.findall(path.read_text(encoding="utf8")) for name in pair
    } - {""}
    assert "GUICANG_HOME" in known
    explained = set(re.findall(r"^\| `(GUICANG_\w+)`", page.read_text(encoding="utf8"), re.MULTILINE))
    assert explained == known


def test_the_axes_are_all_explained() -> None:
    """Every label that `lifecycle.axes` can yield for small quantities stands in the document, and no other."""
    found: dict[str, set[str]] = {name: set() for name in docs.AXES}
    units = range(3)
    for expected, received, lost, short, accepted, settled in product(units, repeat=6):
        for kind, held, refund in product(("goods", "keep"), (False, True), ("", "submitted", "failed")):
            line = SimpleNamespace(
                kind=kind,
                resolution="refund",
                requested=expected,
                authorised=expected,
                expected=expected if kind == "goods" else 0,
                received=received,
                lost=lost,
                short_closed=short,
                accepted=min(accepted, received),
                rejected=max(0, received - accepted),
                disposed=0,
                settled=min(settled, expected),
                held=held,
            )
            axes = lifecycle.axes(line, refund)
            for name, labels in found.items():
                labels.add(getattr(axes, name))
            line.rejected = 0
            found["acceptance"].add(lifecycle.axes(line, refund).acceptance)
    assert found == {name: set(labels) for name, (_, _, labels) in docs.AXES.items()}


def test_every_hard_case_has_its_tests() -> None:
    """Each row of the document names tests that are there, at least one through the steps."""
    cases = []
    rows = (ROOT / "docs" / "hard-cases.md").read_text(encoding="utf8").splitlines()
    for row in rows:
        case, _what, numbers, properties = ([*map(str.strip, row.strip("|").split("|"))] + [""] * 4)[:4]
        if re.fullmatch(r"A|\d+", case):
            cases.append(case)
            assert _tests(numbers), case
            _tests(properties)
    assert cases == ["A", *map(str, range(1, 21))]


def _tests(cell: str) -> list[str]:
    """The tests that a cell names, each defined in the file that stands before it."""
    source, found = "", []
    for name in re.findall(r"`([^`]+)`", cell):
        if name.endswith(".py"):
            source = (ROOT / name).read_text(encoding="utf8")
        else:
            assert f"\ndef {name}(" in source, f"docs/hard-cases.md names {name}, which is not there"
            found.append(name)
    return found
