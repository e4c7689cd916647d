"""What the documents point at is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("desktop", "docs", "migrations", "resources", "shared", "sync_server", "tests")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
PLACE = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w./-]*)`")
DOCUMENTS = sorted(
    path
    for path in (ROOT / "README.md", *ROOT.glob("*/**/*.md"))
    if path.relative_to(ROOT).parts[0] in {*ROOMS, "README.md"}
)


def places(text: str) -> Iterator[str]:
    """Paths from the root that a text names, as code."""
    for found in PLACE.finditer(text):
        yield found[1]


def test_a_dead_place_is_found() -> None:
    said = "See `shared/pos/handlers.py`, `tests/nowhere/` and [this](docs/none.md)."

    assert [place for place in places(said) if not (ROOT / place).exists()] == ["tests/nowhere/"]
    assert LINK.findall(said) == ["docs/none.md"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_places_in_a_document_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    dead = [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    dead += [place for place in places(text) if not (ROOT / place).exists()]

    assert dead == []
