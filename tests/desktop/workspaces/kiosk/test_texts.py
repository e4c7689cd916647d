"""Every text of the till is there in every language, and every refusal says what to do."""

import re
import tomllib
from pathlib import Path

import pytest

from desktop.ui import i18n
from desktop.workspaces.kiosk.keys import PAPER, SALE, TILL

KIOSK = Path(i18n.__file__).parents[1] / "workspaces" / "kiosk"
SHARED = Path(i18n.__file__).parents[2] / "shared"
KEY = re.compile(r'"(kiosk\.[a-z_]+(?:\.[a-z_]+)*)"')
REJECTED = re.compile(r'Rejected\(\s*"([a-z_]+)"')
STEM = re.compile(r'f"(kiosk\.[a-z_.]*)\{')
SLOTS = {"kiosk.cart", "kiosk.parked", "kiosk.codes"}
ROOMS = (
    KIOSK,
    SHARED / "pos",
    SHARED / "payments",
    SHARED / "pricing",
    SHARED / "inventory",
    SHARED / "kernel" / "money.py",
    SHARED / "kernel" / "quantity.py",
)


def sources(room: Path) -> list[str]:
    paths = [room] if room.is_file() else sorted(room.rglob("*.py"))
    return [path.read_text(encoding="utf-8") for path in paths]


def used_keys() -> set[str]:
    found = {key for text in sources(KIOSK) for key in KEY.findall(text)}
    return (found - SLOTS) | {action.text_key for action in (*SALE, *TILL, *PAPER)}


def has(texts: set[str], key: str) -> bool:
    return key in texts or f"{key}.other" in texts


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_every_text_that_is_asked_for_is_there(code: str) -> None:
    texts = set(i18n.load(code).texts)
    assert sorted(key for key in used_keys() if not has(texts, key)) == []


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_every_refusal_says_what_to_do(code: str) -> None:
    texts = set(i18n.load(code).texts)
    codes = {found for room in ROOMS for text in sources(room) for found in REJECTED.findall(text)}
    assert sorted(each for each in codes if f"error.{each}" not in texts) == []
    assert sorted(each for each in codes if f"error.{each}.cure" not in texts) == []


def test_no_text_of_the_till_is_left_over() -> None:
    stems = {
        match for text in sources(KIOSK) for match in re.findall(r'f"(kiosk\.[a-z_.]*)\{', text)
    }
    table = tomllib.loads(
        (KIOSK.parents[2] / "resources/translations/en/kiosk.toml").read_text(encoding="utf-8")
    )
    used = used_keys() | SLOTS
    left = [
        key
        for key in table
        if re.sub(r"\.(zero|one|two|few|many|other)$", "", key) not in used
        and not any(key.startswith(stem) for stem in stems)
    ]
    assert left == []
