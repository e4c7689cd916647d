"""Where the files that ship with the program lie: fonts, icons, sounds, translations."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2] / "resources"


def resource_path(*parts: str) -> Path:
    """Give the path of a shipped file, for example `resource_path("icons", "plus.svg")`."""
    return _ROOT.joinpath(*parts)
