"""Puts a file into a bucket and tells by how many MiB this process grew."""

import sys
from pathlib import Path

from sync_server.bucket import BucketStore
from tests.benchmarks.result import peak_memory_mib


def main(url: str, endpoint: str, path: str) -> None:
    """Put the file, read it back piece by piece, print the growth."""
    store = BucketStore(url, endpoint=endpoint)
    before = peak_memory_mib()
    store.put("large", Path(path))
    found = store.open("large")
    assert found is not None
    with found:
        size = sum(len(block) for block in iter(lambda: found.read(1 << 18), b""))
    assert size == Path(path).stat().st_size
    sys.stdout.write(f"{peak_memory_mib() - before}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
