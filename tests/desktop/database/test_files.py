"""Opening a profile: what is made, what is set aside, what is never touched."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from desktop.backups import restore_journal
from desktop.database import (
    Durability,
    ProfileLock,
    fold_whole_log,
    open_engine,
    put_in_place,
    set_aside,
    storage_errors,
)
from desktop.files import Keys, ProfileFiles
from desktop.settings import Profile
from shared.kernel.errors import Bug, Unavailable
from shared.pos.commands import RECEIPT_SERIES
from shared.sync.replica import read_state
from tests.support.cut_off import copy_files, files_hash
from tests.support.world import World
from tests.support.world_device import DeviceInWorld

KEYS = Keys(journal=b"j" * 32, replica=b"r" * 32)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def till(world: World) -> DeviceInWorld:
    """A till with three sales that the server has not seen, and stopped."""
    made = world.till()
    shift_id = world.open_shift(made)
    for _ in range(3):
        world.sell(made, shift_id)
    made.stop()
    return made


def _make(profile: Profile, keys: Keys = KEYS) -> None:
    ProfileFiles(profile, keys).close()


def test_both_files_are_unreadable_without_their_keys(profile: Profile) -> None:
    _make(profile)
    for path in (profile.journal, profile.replica):
        assert b"SQLite format" not in path.read_bytes()[:16]
    assert oct(profile.folder.stat().st_mode & 0o777) == "0o700"


def test_a_second_start_on_the_same_profile_is_told_so(profile: Profile) -> None:
    files = ProfileFiles(profile, KEYS)
    with pytest.raises(Unavailable, match="profile_in_use"):
        ProfileFiles(profile, KEYS)
    files.close()
    _make(profile)
    lock = ProfileLock(profile.lock)
    lock.release()
    assert profile.lock.read_text() == str(os.getpid())


def test_a_key_has_32_bytes(profile: Profile) -> None:
    with pytest.raises(Bug, match="32 bytes"):
        open_engine(profile.journal, b"short", Durability.FULL)


def test_a_wrong_journal_key_is_told_and_changes_nothing(till: DeviceInWorld) -> None:
    before = files_hash(till.profile.folder)
    with pytest.raises(Unavailable, match="journal_unreadable"):
        ProfileFiles(till.profile, replace(till.keys, journal=b"x" * 32))
    assert files_hash(till.profile.folder) == before
    till.start()
    till.check()


def test_a_damaged_journal_is_told_and_never_overwritten(till: DeviceInWorld) -> None:
    damaged = bytearray(till.profile.journal.read_bytes())
    for at in range(4096 * 2, len(damaged), 512):
        damaged[at] ^= 0xFF
    till.profile.journal.write_bytes(bytes(damaged))
    before = files_hash(till.profile.folder)
    with pytest.raises(Unavailable, match=r"journal_(damaged|unreadable)"):
        till.start()
    assert files_hash(till.profile.folder) == before


def test_a_journal_whose_chain_is_broken_is_told_as_damaged(till: DeviceInWorld) -> None:
    engine = open_engine(till.profile.journal, till.keys.journal, Durability.FULL)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM command WHERE seq = 2")
    with pytest.raises(Unavailable, match="journal_damaged"):
        till.start()


def test_a_device_whose_journal_is_gone_does_not_begin_a_new_one(till: DeviceInWorld) -> None:
    till.profile.journal.unlink()
    with pytest.raises(Unavailable, match="journal_missing"):
        till.start()
    till.profile.replica.unlink()
    with pytest.raises(Unavailable, match="journal_missing"):
        till.start()
    assert not till.profile.journal.exists()


def test_the_journal_is_copied_at_each_close_and_three_copies_stay(till: DeviceInWorld) -> None:
    for _ in range(4):
        till.start()
        till.stop()
    names = sorted(path.name for path in till.profile.backups.iterdir())
    assert names == ["journal-1.db", "journal-2.db", "journal-3.db"]


def test_a_till_that_is_never_closed_copies_its_journal_once_a_day(
    world: World, till: DeviceInWorld
) -> None:
    till.start()
    newest = till.profile.backups / "journal-1.db"
    ages = []
    for hours in (1, 2, 23, 2):
        world.clock.advance(timedelta(hours=hours))
        world.sell(till, world.shift_of(till))
        till.push()
        ages.append(newest.stat().st_mtime_ns)
    assert [ages[n] != ages[n + 1] for n in range(3)] == [False, True, False]


def test_a_journal_put_back_from_its_copy_has_every_command(
    world: World, till: DeviceInWorld
) -> None:
    till.profile.journal.write_bytes(b"gone" * 5000)
    with pytest.raises(Unavailable, match="journal_unreadable"):
        till.start()
    restore_journal(till.profile)
    till.start()
    till.check()
    assert till.bench.head.seq == 4
    till.sync()
    till.check_same_as_server()
    kept = [path.name for path in till.profile.set_aside.iterdir()]
    assert kept == ["journal-1.db"]
    assert world.server.link(till.device_id).last_seq == 4


def test_there_is_nothing_to_restore_without_a_copy(profile: Profile) -> None:
    with pytest.raises(Unavailable, match="backup_missing"):
        restore_journal(profile)


def test_effects_of_commands_that_a_restored_journal_lacks_are_taken_off(
    world: World, till: DeviceInWorld, tmp_path: Path
) -> None:
    copy_files(till.profile.folder, tmp_path / "before")
    till.start()
    till.submit(world.price_change(1700), world.owner_id)
    till.stop()
    (tmp_path / "before" / "journal.db").replace(till.profile.journal)
    till.start()
    till.check()
    till.sync()
    till.check_same_as_server()


def test_numbers_of_receipts_that_a_restored_journal_lacks_are_not_given_again(
    world: World, till: DeviceInWorld, tmp_path: Path
) -> None:
    copy_files(till.profile.folder, tmp_path / "before")
    till.start()
    assert world.sell(till, world.shift_of(till)).numbers == {RECEIPT_SERIES: 4}
    till.stop()
    (tmp_path / "before" / "journal.db").replace(till.profile.journal)
    till.start()
    assert world.sell(till, world.shift_of(till)).numbers == {RECEIPT_SERIES: 5}


def test_a_lost_replica_key_costs_a_refill_and_no_command(
    world: World, till: DeviceInWorld
) -> None:
    till.keys = replace(till.keys, replica=b"n" * 32)
    till.start()
    assert not till.bench.standing().is_filled
    with pytest.raises(Unavailable, match="first_fill_running"):
        till.submit(world.price_change(1), world.owner_id)
    till.pull()
    till.check()
    till.sync()
    till.check_same_as_server()
    assert len(list(till.profile.set_aside.glob("replica-1.db"))) == 1


def test_a_replica_damaged_by_a_crash_is_set_aside_and_filled_again(till: DeviceInWorld) -> None:
    till.start()
    till.cut_off()
    damaged = bytearray(till.profile.replica.read_bytes())
    for at in range(4096 * 3, len(damaged), 4096):
        damaged[at + 100] ^= 0xFF
    till.profile.replica.write_bytes(bytes(damaged))
    till.start()
    assert not till.bench.standing().is_filled
    till.pull()
    till.check()
    assert till.bench.journal.waiting().count == 4


def test_a_replica_of_another_release_is_set_aside_and_filled_again(till: DeviceInWorld) -> None:
    engine = open_engine(till.profile.replica, till.keys.replica, Durability.NORMAL)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE schema_mark SET fingerprint = 'another'")
    till.start()
    assert not till.bench.standing().is_filled
    till.pull()
    till.check()


def test_what_has_come_of_a_file_outlives_a_cut_until_the_replica_is_filled(
    tmp_path: Path, till: DeviceInWorld
) -> None:
    fresh = Profile(tmp_path / "fresh")
    ProfileFiles(fresh, KEYS).abandon()
    for profile in (fresh, till.profile):
        profile.bootstrap_part.write_bytes(b"half")

    till.start()
    till.cut_off()
    ProfileFiles(fresh, KEYS).abandon()

    assert fresh.bootstrap_part.exists()
    assert not till.profile.bootstrap_part.exists()


def test_another_devices_replica_is_not_used(world: World, till: DeviceInWorld) -> None:
    other = world.till()
    other.stop()
    till.profile.replica.write_bytes(other.profile.replica.read_bytes())
    till.keys = replace(till.keys, replica=other.keys.replica)
    till.start()
    assert not till.bench.standing().is_filled


def test_a_half_filled_replica_is_forgotten_at_the_next_start(
    world: World, till: DeviceInWorld
) -> None:
    till.start()
    world.server.put_back(world.server.back_up())
    till.bench.start_over()
    till.take_page(till.page(limit=1))
    assert till.profile.next_replica.exists()
    till.cut_off()
    till.start()
    assert not till.profile.next_replica.exists()
    till.check()
    assert till.bench.standing().is_filled


def test_people_go_on_selling_while_another_replica_is_filled(
    world: World, till: DeviceInWorld
) -> None:
    till.start()
    shift_id = world.shift_of(till)
    world.server.put_back(world.server.back_up())
    till.bench.start_over()
    till.take_page(till.page(limit=1))
    world.sell(till, shift_id)
    with till.files.replica.begin():
        assert read_state(till.files.replica) is not None
    till.heard.changes.clear()
    till.pull()
    assert "variant" in till.heard.changes[-1].kinds
    till.check()
    assert till.bench.journal.waiting().count == 5
    till.sync()
    till.check_same_as_server()


# -- single parts ------------------------------------------------------------------------------


def test_setting_aside_takes_the_log_along_and_never_overwrites(tmp_path: Path) -> None:
    for _ in range(2):
        for suffix in ("", "-wal"):
            (tmp_path / f"replica.db{suffix}").write_text(suffix)
        set_aside(tmp_path / "replica.db", tmp_path / "aside")
    names = sorted(path.name for path in (tmp_path / "aside").iterdir())
    assert names == ["replica-1.db", "replica-1.db-wal", "replica-2.db", "replica-2.db-wal"]
    assert set_aside(tmp_path / "replica.db", tmp_path / "aside") is None


def test_what_is_set_aside_is_numbered_behind_the_last_even_when_the_first_is_gone(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        (tmp_path / "replica.db").write_text("")
        set_aside(tmp_path / "replica.db", tmp_path)
    (tmp_path / "replica-1.db").unlink()
    (tmp_path / "replica.db").write_text("")

    assert set_aside(tmp_path / "replica.db", tmp_path) == tmp_path / "replica-3.db"


def test_a_file_put_in_place_does_not_inherit_the_others_log(tmp_path: Path) -> None:
    for name in ("old.db", "old.db-wal", "old.db-shm", "new.db"):
        (tmp_path / name).write_text(name)
    put_in_place(tmp_path / "new.db", tmp_path / "old.db")
    assert [path.name for path in tmp_path.iterdir()] == ["old.db"]
    assert (tmp_path / "old.db").read_text() == "new.db"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    with open_engine(tmp_path / "one.db", b"k" * 32, Durability.NORMAL).connect() as made:
        yield made


def test_a_full_disk_is_an_obstacle_and_leaves_nothing(connection: sa.Connection) -> None:
    with connection.begin():
        connection.exec_driver_sql("CREATE TABLE t (a BLOB)")
        connection.exec_driver_sql("PRAGMA max_page_count = 3")

    def fill() -> None:
        with storage_errors(), connection.begin():
            connection.exec_driver_sql("INSERT INTO t VALUES (zeroblob(1000000))")

    with pytest.raises(Unavailable, match="disk_full"):
        fill()
    assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0


def test_a_log_that_cannot_be_folded_whole_is_told(
    connection: sa.Connection, tmp_path: Path
) -> None:
    with connection.begin():
        connection.exec_driver_sql("CREATE TABLE t (a)")
    connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    connection.rollback()
    reading = open_engine(tmp_path / "one.db", b"k" * 32, Durability.NORMAL, is_read_only=True)
    with reading.connect() as reader, reader.begin():
        reader.exec_driver_sql("SELECT count(*) FROM t").scalar()
        with connection.begin():
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        with pytest.raises(Unavailable, match="database_busy"):
            fold_whole_log(connection)

    fold_whole_log(connection)

    assert (tmp_path / "one.db-wal").stat().st_size == 0


def test_a_locked_file_is_an_obstacle(connection: sa.Connection, tmp_path: Path) -> None:
    connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    connection.rollback()
    other_engine = open_engine(tmp_path / "one.db", b"k" * 32, Durability.NORMAL)

    def write() -> None:
        with storage_errors(), connection.begin():
            connection.exec_driver_sql("CREATE TABLE t (a)")

    with (
        other_engine.connect() as other,
        other.begin(),
        pytest.raises(Unavailable, match="database_busy"),
    ):
        write()


def test_our_own_mistakes_in_sql_are_no_obstacles(connection: sa.Connection) -> None:
    def ask() -> None:
        with storage_errors():
            connection.exec_driver_sql("SELECT nothing FROM nowhere")

    with pytest.raises(sa.exc.OperationalError):
        ask()
