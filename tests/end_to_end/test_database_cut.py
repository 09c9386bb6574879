"""A worker whose connections to the database are cut under it."""

import pytest

from storemonitor.launch import services
from tests import servers
from tests.end_to_end.stack import Stack, until

EXPIRED = """
from datetime import timedelta
from django.utils import timezone
from storemonitor.celery import app
app.send_task("reports.sweep", task_id="{}", expires=timezone.now() - timedelta(minutes=1))
"""
CUT = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {}"
OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def stack(tmp_path):
    with servers.database() as url:
        # Without beat: what expires here is what the test sends.
        stack = Stack(tmp_path, database_url=url)
        try:
            assert stack.manage("migrate", "--verbosity=0").returncode == 0
            yield stack
        finally:
            stack.stop()


def test_a_worker_outlives_a_cut_connection_over_which_it_stores_what_expired(stack):
    worker = stack.start("worker", services.WORKER)

    def revoked(task_id):
        sent = stack.manage("shell", "--no-imports", "-c", EXPIRED.format(task_id))
        assert sent.returncode == 0, sent.stderr
        told = f"SELECT 1 FROM django_celery_results_taskresult WHERE task_id = '{task_id}'"
        until(lambda: worker.poll() is not None or stack.query(told))

    revoked("before")
    cut = stack.query(CUT.format(OTHERS))
    assert cut
    revoked("after")

    assert worker.poll() is None, (stack.folder / "worker.log").read_text()[-2000:]
