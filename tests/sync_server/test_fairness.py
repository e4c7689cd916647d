"""What one tenant asks for leaves room for the others."""

from concurrent.futures import ThreadPoolExecutor

from sync_server.tenancy import schema_of
from tests.sync_server.devices import Site


def test_a_tenant_whose_pulls_hang_keeps_no_other_waiting(site: Site) -> None:
    other = Site(site.server, site.client)
    slow, quick = site.device(), other.device()
    with ThreadPoolExecutor(12) as crowd:
        with site.server.owner.connect() as owner, owner.begin():
            owner.exec_driver_sql(f"LOCK TABLE {schema_of(site.tenant_id)}.change_log")
            hanging = [crowd.submit(slow.ask_to_pull) for _ in range(12)]
            answered = quick.ask_to_pull()
            still = sum(not each.done() for each in hanging)
        codes = [each.result().status_code for each in hanging]

    assert (answered.status_code, still) == (200, 12)
    assert codes == [200] * 12
