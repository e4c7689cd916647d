"""Any number of stories side by side: `./run soak --seeds N [--first S] [--workers W]`."""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.faults.simulation.shop import MEMORY, play_in
from tests.faults.simulation.story import StoryFailed, Told, tell

CORPUS = Path(__file__).with_name("seeds.txt")
"""Seeds that failed once, each with what was wrong; all of them are played in every test run."""
_TOLD_EVERY = 10.0
_BATCH = 4


def corpus() -> tuple[int, ...]:
    """The seeds that failed once."""
    lines = CORPUS.read_text("utf-8").splitlines()
    return tuple(int(line.split()[0]) for line in lines if line and not line.startswith("#"))


def played(seed: int) -> Told | str:
    """One story: what it came to, or how it failed."""
    try:
        return tell(seed)
    except StoryFailed as failure:
        return str(failure)


def play_all(seeds: Iterable[int], *, workers: int) -> Iterable[Told | str]:
    """The stories of all seeds, in any order; in processes of their own."""
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(
            prefix="pycommerce-soak-", dir=MEMORY if MEMORY.is_dir() else None
        ) as folder,
        context.Pool(workers, initializer=play_in, initargs=(Path(folder),)) as pool,
    ):
        yield from pool.imap_unordered(played, seeds, chunksize=_BATCH)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, tell how it goes, and end at the first failure."""
    parser = argparse.ArgumentParser(prog="./run soak", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many stories")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first one")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--corpus", action="store_true", help="those that failed once instead")
    given = parser.parse_args(arguments)
    seeds = corpus() if given.corpus else range(given.first, given.first + given.seeds)
    return _report(play_all(seeds, workers=min(given.workers, len(seeds))), len(seeds))


def _report(stories: Iterable[Told | str], wanted: int) -> int:
    began = told_at = time.monotonic()
    done = steps = 0
    minutes = 0.0
    faults: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for story in stories:
        if isinstance(story, str):
            sys.stdout.write(f"\n{story}\n\n{done} stories before it were sound.\n")
            return 1
        done, steps, minutes = done + 1, steps + story.steps, minutes + story.minutes
        faults += story.faults
        outcomes += story.outcomes
        if time.monotonic() - told_at > _TOLD_EVERY:
            told_at = time.monotonic()
            rate = done / (told_at - began)
            sys.stdout.write(f"{done} of {wanted} stories, {steps} steps, {rate:.1f} a second\n")
            sys.stdout.flush()
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"\n{done} stories are sound: {steps} steps, {minutes / 60:.0f} hours of shop time,"
        f" {seconds:.0f} s\n\nfaults:\n{_table(faults)}\n\n"
        f"what the server said:\n{_table(outcomes)}\n"
    )
    return 0


def _table(counts: Counter[str]) -> str:
    return "\n".join(f"  {count:>8}  {name}" for name, count in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
