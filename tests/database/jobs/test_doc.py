"""The example of another kind of job in docs/architecture.md works."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, models
from django.db.models.functions import Now
from django.test.utils import isolate_apps

from jobs import claims, queue
from jobs.lease import Lease
from jobs.models import LongJob
from jobs.running import FailureRecorded
from tests.database.clocks import standing_still
from tests.paths import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

DOC = ROOT / "docs/architecture.md"
LEASE = timedelta(minutes=1)


@pytest.fixture
def sent():
    return []


@pytest.fixture
def kind(sent):
    """The example's definitions, with the names that it leaves to the reader."""
    [example] = re.findall(r"```python\n(.*?)```", DOC.read_text(), flags=re.DOTALL)
    names = {
        "__name__": "reports.another",
        "models": models,
        "Now": Now,
        "LongJob": LongJob,
        "claims": claims,
        "queue": queue,
        "Lease": Lease,
        "FailureRecorded": FailureRecorded,
        "LEASE": LEASE,
        "REQUEUE_AFTER": timedelta(minutes=1),
        "write_file": lambda _: None,
        "export_task": SimpleNamespace(apply_async=lambda args, **_: sent.append(*args)),
    }
    with isolate_apps("reports"):
        exec(example, names)
        with connection.schema_editor() as editor:
            editor.create_model(names["Export"])
        yield names
        with connection.schema_editor() as editor:
            editor.delete_model(names["Export"])


def test_it_is_done(kind):
    job = kind["Export"].objects.create()
    kind["export"](job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("Complete", 1)


def test_it_is_put_off_and_told_of_again_by_what_may_pass(kind, sent):
    job = kind["Export"].objects.create()

    def away(_):
        raise OperationalError("away")

    kind["write_file"] = away
    with standing_still() as clock:
        with pytest.raises(OperationalError):
            kind["export"](job.pk)
        kind["sweep"]()
        assert sent == []
        clock.shift(timedelta(seconds=15))
        kind["sweep"]()
        assert sent == [job.pk]


def test_it_fails_at_once_by_what_will_not(kind):
    job = kind["Export"].objects.create()
    kind["write_file"] = lambda _: 1 / 0
    with pytest.raises(ZeroDivisionError):
        kind["export"](job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("Failed", 1)


def test_it_is_given_up_where_its_workers_die(kind, settings):
    job = kind["Export"].objects.create()
    with standing_still() as clock:
        for _ in range(settings.MAX_ATTEMPTS):
            assert claims.claim(kind["Export"].objects.all(), lease=LEASE)
            clock.shift(LEASE)
        kind["sweep"]()
    job.refresh_from_db()
    assert job.status == "Failed"
    assert "the worker died" in job.error
