"""Workers on hosts of their own, one of which is cut off from everything and comes back."""

from tests.chaos.checks import all_faults
from tests.chaos.faults.hosts import HELD
from tests.chaos.rounds import PROBE
from tests.chaos.undisturbed import Undisturbed
from tests.chaos.work import quiet
from tests.end_to_end.stack import until

CUT_OFF = "one"
SHARDS = "SELECT count(*) FROM reports_shard WHERE report_id = '{}'"
LOCK = 4711
# As an ingestion in the middle of its transaction, on the connection that a worker has.
HOLD = f"""
import time
import django
django.setup()
from django.db import connection, transaction
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("SELECT pg_advisory_xact_lock({LOCK})")
    time.sleep(600)
"""
LOCKED = f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK}"


def test_a_host_cut_off_among_the_shards_and_back_again_leaves_one_right_report(hosts):
    system = hosts
    report_id = system.client.request_report(PROBE)
    until(lambda: system.query(HELD)[0][0], pause=0.005)
    system.hosts[CUT_OFF].cut_off()

    # The other worker takes over what was held, and the API answers meanwhile.
    assert system.get("/api/v1/stores/?limit=1").status == 200
    number = system.files.next_number()
    system.client.send_in_request(number)
    assert system.client.finished(report_id)["status"] == "Complete"
    assert system.query(SHARDS.format(report_id)) != [(0,)]
    system.hosts[CUT_OFF].reconnect()
    # The one that is back works as before, alone.
    system.freeze("two")
    again = system.client.request_report(PROBE)
    assert system.client.finished(again)["status"] == "Complete"
    system.thaw("two")

    quiet(system)
    computed = Undisturbed(system.files, system.folder / "files")
    try:
        assert system.client.download(report_id) == computed.report(PROBE)
        assert not all_faults(system, computed)
    finally:
        computed.close()


def test_the_locks_of_a_host_that_is_cut_off_are_released(hosts):
    command = hosts.hosts[CUT_OFF].command(("manage", "shell", "--no-imports", "-c", HOLD))
    hosts.start("holder", command)
    until(lambda: hosts.query(LOCKED), seconds=30)
    hosts.hosts[CUT_OFF].cut_off()
    try:
        until(lambda: not hosts.query(LOCKED), seconds=15)
    finally:
        hosts.restore()
        hosts.end("holder")
