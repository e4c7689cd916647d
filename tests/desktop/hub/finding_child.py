"""A process that announces itself on loopback, says whom it finds, and ends with its input."""

import asyncio
import sys

from desktop.hub.finder import NetworkFinder


async def _live(name: str, port: int) -> None:
    finder = NetworkFinder(("127.0.0.1",))

    def tell() -> None:
        found = " ".join(f"{other}@{spot[1]}" for other, spot in sorted(finder.found.items()))
        sys.stdout.write(f"{found}\n")
        sys.stdout.flush()

    await finder.begin(name, port, on_change=tell)
    try:
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await finder.end()


if __name__ == "__main__":
    asyncio.run(_live(sys.argv[1], int(sys.argv[2])))
