"""``manage.py poller_outages``."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from tests.database.reports.poller.fleets import ingest_silent_fleet

pytestmark = pytest.mark.django_db(transaction=True)
FLEET = "2024-01-11 07:15:00.5 UTC,2024-01-11 12:00:00.5 UTC,fleet,16"
LATE = "2024-01-11 12:00:00.5 UTC,2024-01-11 14:08:00.5 UTC,tag:late,8"
GOES_ON = "2024-01-11 23:15:00.5 UTC,,fleet,16"


def printed(capsys, *arguments):
    call_command("poller_outages", *arguments)
    header, *rows = capsys.readouterr().out.splitlines()
    assert header == "from,to,scope,stores"
    return rows


def test_it_prints_them_oldest_first(capsys, clock):
    clock.move_to(datetime(2024, 1, 13, tzinfo=UTC))
    ingest_silent_fleet()

    assert printed(capsys) == [FLEET, LATE, GOES_ON]
    assert printed(capsys, "--to", "2024-01-11T13:00:00Z") == [FLEET, LATE]
    assert printed(capsys, "--from", "2024-01-11T13:00:00+00:00") == [LATE, GOES_ON]


def test_it_says_why_it_cannot():
    with pytest.raises(CommandError, match="There are no polls yet"):
        call_command("poller_outages")
    ingest_silent_fleet()
    with pytest.raises(CommandError, match="--from must be before the end"):
        call_command(
            "poller_outages", "--from", "2024-01-11T13:00:00Z", "--to", "2024-01-10T00:00Z"
        )
    with pytest.raises(CommandError, match="invalid instant with an offset"):
        call_command("poller_outages", "--from", "2024-01-11T13:00:00")
