"""Which request a line or a message is about, also where a worker takes the job of another."""

import uuid

import pytest
from structlog.contextvars import get_contextvars

from ingestion.models import Ingestion
from jobs import log_context
from reports.models import Report, Shard

# The same in every process of a run.
MINE, OTHERS = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture(autouse=True)
def _nothing_told():
    log_context.end()
    yield
    log_context.end()


@pytest.mark.parametrize(
    ("message", "job", "mine"),
    [
        (f"{MINE}", Report(pk=MINE), True),
        (f"{MINE}", Report(pk=OTHERS), False),
        (f"{MINE}-2", Report(pk=MINE), True),
        (f"{MINE}-2", Shard(report_id=MINE, number=3), True),
        (f"{MINE}-2", Shard(report_id=OTHERS, number=2), False),
        ("ingestion-1", Ingestion(pk=1), True),
        ("ingestion-12", Ingestion(pk=1), False),
    ],
)
def test_a_job_of_another_request_is_told_without_the_id_in_the_message(message, job, mine):
    log_context.begin(task_id=message, request_id="abc", user="ann")
    log_context.about(job)
    told = get_contextvars()
    assert ("request_id" in told, "user" in told) == (mine, mine)
    assert job.log_names.items() <= told.items()


def test_a_job_that_is_done_within_its_request_keeps_its_id():
    log_context.begin(request_id="abc", user="ann")
    log_context.about(Ingestion(pk=1))
    log_context.about(Report(pk=MINE))
    told = {"request_id": "abc", "user": "ann", "report_id": str(MINE), "ingestion_id": "1"}
    assert get_contextvars() == told


@pytest.mark.parametrize(
    ("task", "message", "takes"),
    [
        ("", f"{MINE}", True),
        (f"{MINE}", f"{MINE}-1", True),
        (f"{MINE}", f"{OTHERS}-1", False),
        (f"{MINE}", str(uuid.UUID(int=3)), True),
        ("ingestion-1", "ingestion-2", False),
    ],
)
def test_a_message_takes_the_id_along_unless_it_is_about_another_job(task, message, takes):
    log_context.begin(request_id="abc", user="", **({"task_id": task} if task else {}))
    assert log_context.for_message(message) == ({"request_id": "abc"} if takes else {})
