"""Any number of long stories on a real server: `./run soak --real --seeds N [--first S]`."""

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence

from tests.faults.nemesis.story import LONG_ROUNDS, StoryFailed, tell


def main(arguments: Sequence[str] | None = None) -> int:
    """Play one after the other, tell how it goes, and end at the first failure."""
    parser = argparse.ArgumentParser(prog="./run soak --real", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many stories")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first one")
    parser.add_argument("--rounds", type=int, default=LONG_ROUNDS, help="strikes in each")
    given = parser.parse_args(arguments)
    began, commands = time.monotonic(), 0
    faults: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for seed in range(given.first, given.first + given.seeds):
        try:
            told = tell(seed, rounds=given.rounds)
        except StoryFailed as failure:
            told_whole = "".join(traceback.format_exception(failure))
            sys.stdout.write(f"\nseed {seed}: {told_whole}\n")
            return 1
        commands += told.commands
        faults += told.faults
        outcomes += told.outcomes
        sys.stdout.write(f"seed {seed}: {told.commands} commands, {told.seconds:.0f} s\n")
        sys.stdout.flush()
    sys.stdout.write(
        f"\n{given.seeds} stories are sound: {commands} commands,"
        f" {time.monotonic() - began:.0f} s\n\nfaults:\n{_table(faults)}\n\n"
        f"what the server said:\n{_table(outcomes)}\n"
    )
    return 0


def _table(counts: Counter[str]) -> str:
    return "\n".join(f"  {count:>8}  {name}" for name, count in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
