"""Jobs beside the requests: each once, few ahead, and a failure is not tried again at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.ids import TenantId, new_id
from sync_server.objects import FolderStore
from sync_server.settings import Settings
from sync_server.sync.job_queue import MOST_WAITING, JobQueue
from tests.support.shop import OPENING

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[JobQueue]:
    """A queue whose jobs find no database."""
    settings = Settings(data_folder=tmp_path, app_database_url=NOWHERE)
    made = JobQueue(settings, FixedClock(OPENING))
    yield made
    made.close()


def test_the_same_file_is_asked_for_once_and_too_many_are_not_promised(jobs: JobQueue) -> None:
    tenants = [TenantId(new_id()) for _ in range(MOST_WAITING + 1)]

    promised = [jobs.ask_for_file(each, ("tenant",)) for each in tenants]
    again = jobs.ask_for_file(tenants[0], ("tenant",))

    assert promised == [True] * MOST_WAITING + [False]
    assert again


def test_a_file_that_could_not_be_made_is_not_promised_again_at_once(
    jobs: JobQueue, caplog: pytest.LogCaptureFixture
) -> None:
    tenant_id = TenantId(new_id())
    assert jobs.ask_for_file(tenant_id, ("tenant",))

    jobs.start()
    jobs.until_idle()

    assert "a job failed" in caplog.text
    assert not jobs.ask_for_file(tenant_id, ("tenant",))


def test_a_queue_that_is_closed_takes_nothing_more(jobs: JobQueue) -> None:
    jobs.start()
    jobs.close()

    assert not jobs.ask_for_file(TenantId(new_id()), ("tenant",))


def test_objects_are_for_their_owner_only(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"rows")
    store = FolderStore(tmp_path / "objects")

    store.put("a/b.zst", source)

    assert (tmp_path / "objects").stat().st_mode & 0o077 == 0
    assert store.names("a/") == ["a/b.zst"]
