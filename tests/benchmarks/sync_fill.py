"""How fast a new device is filled from the server's file, and how fast that file is made."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

import msgspec
import zstandard

from migrations.replica import schema_fingerprint
from shared.organization.commands import Workspace
from shared.storage.base import Row
from shared.storage.reader import Reader
from shared.sync.protocol.bootstrap import BootstrapFile
from shared.sync.scopes import scopes_for
from sync_server.bootstrap_files import all_files, shelf_of
from sync_server.objects import FolderStore
from tests.benchmarks.child import tell
from tests.benchmarks.client_shop import product_row, variant_row
from tests.benchmarks.result import BenchResult, measured, peak_memory_mib, percentile
from tests.benchmarks.sync_device import RealDevice
from tests.benchmarks.sync_neighbour import Neighbour
from tests.benchmarks.sync_stage import Goods, Stage, stage
from tests.sync_server.devices import Site, customer
from tests.sync_server.processes import run

RUNS = 3
_BATCH = 5_000
_QUIET_S = 12
_OFFICE = scopes_for(Workspace.MERCHANT, None, None)


@dataclass(frozen=True, slots=True)
class Size:
    """What a shop holds; `fill_s` and `build_s` are the targets in seconds."""

    name: str
    products: int
    variants_each: int
    fill_s: float
    build_s: float | None = None
    memory_mib: int | None = None


SIZES = (
    Size("100,000 products", 100_000, 0, 0.4),
    Size("400,000 rows", 100_000, 3, 1.2, build_s=12, memory_mib=300),
    Size("1,000,000 rows", 250_000, 3, 4),
)


class _Filled(msgspec.Struct):
    """What a device tells that was filled."""

    seconds: float
    memory_mib: float
    rows: int


@dataclass(frozen=True, slots=True)
class _Invited:
    """A shop as a device needs it to pair."""

    pairing_code: str

    @property
    def site(self) -> "_Invited":
        """Itself: it knows nothing but the code."""
        return self

    def code(self, workspace: Workspace) -> str:
        """The code that was made for this device."""
        assert workspace is Workspace.MERCHANT
        return self.pairing_code


def figures() -> list[BenchResult]:
    """Every size in a tenant of its own on one server."""
    results: list[BenchResult] = []
    with stage() as opened:
        for size in SIZES:
            goods = Goods(Site(opened.server, opened.client))
            stock_up(goods, size)
            results += _measure(opened, goods, size)
    return results


def _measure(opened: Stage, goods: Goods, size: Size) -> list[BenchResult]:
    built = _build_s(opened, goods)
    raws, told = [], []
    for number in range(RUNS):
        raws.append(_raw_s(opened, goods))
        folder = opened.folder / f"{size.products}-{size.variants_each}-{number}"
        told.append(_in_a_process(folder, opened.address, goods.site.code()))
    assert {each.rows for each in told} == {size.products * size.variants_each}
    return [
        measured(
            f"{size.name}: cached file to usable client",
            "s",
            [each.seconds for each in told],
            better="lower",
            target=size.fill_s,
            ceiling=min(raws),
        ),
        measured("  raw download, decompress, check", "s", raws, better="lower"),
        measured(
            "  memory of that client",
            "MiB",
            [each.memory_mib for each in told],
            better="lower",
            target=size.memory_mib,
        ),
        measured(
            f"{size.name}: making the file, with its process",
            "s",
            [built],
            better="lower",
            target=size.build_s,
        ),
        *(_beside(opened, goods) if size.build_s else ()),
    ]


def _beside(opened: Stage, goods: Goods) -> list[BenchResult]:
    """What another tenant's requests take while the file is made anew, and just before."""
    neighbour = Neighbour(opened.goods(1))
    quiet, busy = [], []
    for number in range(RUNS):
        with neighbour.at_work(opened.address) as alone:
            opened.wait(_QUIET_S)
        goods.site.run(customer(f"Since the last file {number}"))
        with neighbour.at_work(opened.address) as beside:
            _build_s(opened, goods)
        quiet.append(percentile(alone, 0.95))
        busy.append(percentile(beside, 0.95))
    ratios = [each / before for each, before in zip(busy, quiet, strict=True)]
    return [
        measured("  other tenants' p95 meanwhile, ratio", "x", ratios, better="lower", target=1.2),
        measured("  that p95 when no file is made", "ms", quiet, better="lower"),
    ]


def stock_up(goods: Goods, size: Size) -> None:
    """Put rows in as commands would, many in a commit."""
    rows = _rows(size)
    while batch := list(islice(rows, _BATCH)):
        with goods.site.server.database.tenant_transaction(goods.site.tenant_id) as unit:
            for row in batch:
                unit.rows.insert(row)


def _rows(size: Size) -> Iterator[Row]:
    for number in range(size.products):
        product = product_row(number)
        yield product
        for place in range(size.variants_each):
            yield variant_row(product, number, place)


def _build_s(opened: Stage, goods: Goods) -> float:
    """Seconds of the process that makes the file, its own start included."""
    started = time.perf_counter()
    words = ("bootstrap", "--tenant-id", goods.site.tenant_id)
    done = run(opened.server.url, *words, limit_s=300)
    seconds = time.perf_counter() - started
    assert done.returncode == 0, done.stderr
    return seconds


def _newest(goods: Goods) -> BootstrapFile:
    objects = FolderStore(Path(os.environ["PYCOMMERCE_DATA"]) / "objects")
    shelf = shelf_of(goods.site.tenant_id, _OFFICE, schema_fingerprint())
    return all_files(objects, shelf)[0]


def _raw_s(opened: Stage, goods: Goods) -> float:
    """The same bytes by the plainest means: no seal, no tail, no device."""
    device, file = goods.site.device(), _newest(goods)
    with tempfile.TemporaryDirectory(dir=opened.folder) as folder:
        plain = Path(folder, "plain.db")
        started = time.perf_counter()
        digest, stream = hashlib.sha256(), zstandard.ZstdDecompressor().decompressobj()
        with (
            opened.client.stream(
                "GET",
                "/sync/v1/bootstrap/file",
                params={"cursor": file.cursor},
                headers=device.headers,
            ) as answer,
            plain.open("wb") as target,
        ):
            for block in answer.iter_raw(1 << 18):
                digest.update(block)
                target.write(stream.decompress(block))
        assert digest.hexdigest() == file.sha256
        with closing(sqlite3.connect(plain)) as opened_file:
            assert opened_file.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        return time.perf_counter() - started


def _in_a_process(folder: Path, address: str, code: str) -> _Filled:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.sync_fill", str(folder), address, code],
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=_Filled)


def fill(folder: Path, address: str, code: str) -> _Filled:
    """Pair a device and fill it; from the first request for rows until people can work."""
    device = RealDevice(cast("Goods", _Invited(code)), folder, address)
    device.pair()
    started = time.perf_counter()
    device.start()
    seconds = time.perf_counter() - started
    memory = peak_memory_mib()
    assert device.status.mismatches == ()
    assert device.status.file_bytes > 0
    rows = device.work.fetch(_variant_count).result()
    device.close()
    return _Filled(seconds, memory, rows)


def _variant_count(reader: Reader) -> int:
    return int(reader.text("SELECT count(*) FROM variant")[0][0])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        told = fill(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    else:
        tell(figures())
