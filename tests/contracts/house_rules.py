"""All house rules over all of our files: python -m tests.contracts.house_rules."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.contracts.rules import business, client, shape, testing
from tests.contracts.rules.source import PRODUCT, Finding, Module

ROOT = Path(__file__).resolve().parents[2]
RULES = (*shape.RULES, *business.RULES, *client.RULES, *testing.RULES)
ROOMS = (*PRODUCT, "installers", "tests")

# (rule, file) pairs that are let pass. The list may only shrink: a pair that is no longer needed
# fails the check, and so does a list longer than MOST_EXCEPTIONS.
EXCEPTIONS = frozenset[tuple[str, str]]()
MOST_EXCEPTIONS = 0


def modules(root: Path = ROOT) -> Iterator[Module]:
    """Every source file of ours below `root`."""
    paths = [path for room in ROOMS for path in (root / room).rglob("*.py")]
    for path in sorted([root / "run", *paths]):
        yield Module(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))


def findings(checked: Iterable[Module]) -> list[Finding]:
    """All that the rules find, exceptions included, in the order of files and lines."""
    return sorted({found for module in checked for rule in RULES for found in rule(module)})


def broken(found: Iterable[Finding]) -> list[str]:
    """What must be cured: findings that are not let pass, and exceptions without a finding."""
    found = list(found)
    used = {(finding.rule, finding.path) for finding in found}
    lines = [str(each) for each in found if (each.rule, each.path) not in EXCEPTIONS]
    lines += [f"{path}: {rule}: cured, strike it off" for rule, path in EXCEPTIONS - used]
    if len(EXCEPTIONS) > MOST_EXCEPTIONS:
        lines.append("house_rules.py: the list of exceptions may only shrink")
    return lines


def main() -> int:
    """Print what is broken; 1 if anything is."""
    lines = broken(findings(modules()))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
