"""The embedded PostgreSQL: starts, guards its door, survives, and leaves nothing running."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from shared.kernel.errors import Unavailable
from sync_server import embedded

pytestmark = pytest.mark.storage
ENDING_SECONDS = 20.0


def query(server: embedded.Server, statement: bytes) -> list[tuple[object, ...]]:
    """The rows of a statement, committed."""
    with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def running(folder: Path) -> list[psutil.Process]:
    """The PostgreSQL processes that work in a cluster under `folder`."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder) and "postgres" in process.name():
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_session_cluster_answers_a_query(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_answers_with_letters_beyond_ascii_and_times_in_utc(reachable_folder: Path) -> None:
    with embedded.running(reachable_folder, durable=False) as server:
        assert query(server, "select lower('ÄÉ'), current_setting('timezone')".encode()) == [
            ("äé", "UTC")
        ]


def test_writes_to_disk_unless_throw_away(reachable_folder: Path) -> None:
    with embedded.running(reachable_folder) as server:
        assert query(server, b"show fsync") == [("on",)]


def test_refuses_a_wrong_password(reachable_folder: Path) -> None:
    with embedded.running(reachable_folder, durable=False) as server:
        password = server.url.split(":")[2].partition("@")[0]
        wrong = server.url.replace("+psycopg", "").replace(password, "guess")

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_listens_on_loopback_only(reachable_folder: Path) -> None:
    with embedded.running(reachable_folder, durable=False) as server:
        doors = psutil.Process(server.pids[0]).net_connections()

    assert {door.laddr.ip for door in doors if door.status == "LISTEN"} == {"127.0.0.1"}


def test_keeps_its_password_file_to_itself(reachable_folder: Path) -> None:
    with embedded.running(reachable_folder, durable=False):
        mode = (reachable_folder / "password").stat().st_mode

    assert mode & 0o077 == 0
    assert not (reachable_folder / "password.new").exists()


def test_second_start_finds_the_rows_of_the_first(reachable_folder: Path) -> None:
    with embedded.running(reachable_folder, durable=False) as server:
        query(server, b"create table sale as select 7 as total_amount")

    with embedded.running(reachable_folder, durable=False) as server:
        assert query(server, b"select total_amount from sale") == [(7,)]


def test_survives_a_kill_of_the_server_in_mid_work(reachable_folder: Path) -> None:
    server = embedded.start(reachable_folder)
    query(server, b"create table sale as select 7 as total_amount")
    server.kill()

    with embedded.running(reachable_folder) as server:
        assert query(server, b"select total_amount from sale") == [(7,)]


def test_shares_a_server_that_already_runs(reachable_folder: Path) -> None:
    with embedded.running(reachable_folder, durable=False) as first:
        with embedded.running(reachable_folder) as second:
            assert second.url == first.url
            assert second.pids == ()
        assert query(first, b"select 1") == [(1,)]


def test_starts_over_a_pid_file_whose_number_is_another_programs(reachable_folder: Path) -> None:
    with embedded.running(reachable_folder, durable=False):
        left_over = (reachable_folder / "pgdata" / "postmaster.pid").read_text()
    number, _, rest = left_over.partition("\n")
    (reachable_folder / "pgdata" / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")

    with embedded.running(reachable_folder, durable=False) as server:
        assert str(server.pids[0]) != number
        assert query(server, b"select 1") == [(1,)]


def test_starts_over_a_creation_that_was_cut_short(reachable_folder: Path) -> None:
    (reachable_folder / "pgdata.new").mkdir()
    (reachable_folder / "pgdata.new" / "PG_VERSION").write_text("18\n")

    with embedded.running(reachable_folder, durable=False) as server:
        assert query(server, b"select 1") == [(1,)]


def test_leaves_no_process_after_the_block(reachable_folder: Path) -> None:
    with embedded.running(reachable_folder, durable=False) as server:
        assert running(reachable_folder)
        pids = server.pids

    assert running(reachable_folder) == []
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_server_ends_when_its_parent_is_killed(reachable_folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from sync_server import embedded\n"
        "print(*embedded.start(Path(sys.argv[1]), durable=False).pids, flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(reachable_folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        parent.kill()

    _, alive = psutil.wait_procs(children, timeout=ENDING_SECONDS)

    assert len(children) == 2
    assert alive == []


def test_refuses_the_cluster_of_another_version(reachable_folder: Path) -> None:
    (reachable_folder / "pgdata").mkdir()
    (reachable_folder / "pgdata" / "PG_VERSION").write_text("9\n")

    with pytest.raises(Unavailable) as caught:
        embedded.start(reachable_folder)

    assert caught.value.code == "database_other_version"
    assert caught.value.params["wanted"] == 9


def test_names_the_log_when_the_server_does_not_start(
    reachable_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded.running(reachable_folder, durable=False):
        pass
    (reachable_folder / "pgdata" / "postgresql.conf").write_text("nonsense = on\n")
    monkeypatch.setattr(embedded, "START_SECONDS", 0.3)

    with pytest.raises(Unavailable) as caught:
        embedded.start(reachable_folder)

    assert caught.value.code == "database_not_started"
    assert "postgresql.conf" in str(caught.value.params["detail"])


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root changes its account")
def test_root_uses_another_place_when_the_folder_is_closed_to_the_account(
    reachable_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = reachable_folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(embedded, "ROOT_HOME", reachable_folder / "open")

    with embedded.running(closed / "cluster", durable=False) as server:
        assert query(server, b"select 1") == [(1,)]
        assert running(reachable_folder / "open")
