"""Explanations of one store over HTTP and by command: they equal the report and each other."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from fleet.extent import note_pruned
from fleet.models import Store
from reports.build.services import build_report
from reports.request.parameters import parameters
from reports.request.requesting import request_report
from stores.http import explain_views
from stores.http.explain_serializers import ExplanationSerializer
from tests.database.answers import REFUSALS
from tests.database.files import ingest_hours, ingest_polls, ingest_stores, ingest_time_zones
from tests.unit.uptime.notation import at
from uptime.instants import from_microseconds

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/stores/a/explain"
NEWEST = "2024-03-13T18:13:22.479220Z"


@pytest.fixture
def history():
    """A store of odd hours whose clocks change, polled unevenly; and one polled at the end."""
    polls = [
        ("inactive", "2024-03-04 20:00:00"),
        ("active", "2024-03-05 20:10:00.123456"),
        ("inactive", "2024-03-06 03:10:00"),
        ("active", "2024-03-08 23:59:59.999999"),
        ("inactive", "2024-03-10 14:00:00"),
        ("active", "2024-03-10 14:00:01"),
        ("inactive", "2024-03-12 13:00:00.5"),
    ]
    ingest_polls(
        *(f"a,{status},{moment} UTC" for status, moment in polls),
        "b,active,2024-03-13 18:13:22.479220 UTC",
    )
    ingest_hours(
        *(f"a,{day},09:00,17:00" for day in range(5)), "a,5,20:00,02:30", "a,6,00:00,23:59:59"
    )
    ingest_time_zones("a,America/Chicago")


def asked(client, status=200, **query):
    answer = client.get(URL, query)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_it_adds_up_to_the_printed_report(client, history):
    wanted = parameters(columns="full")
    report = request_report(requested_by="a test", wanted=wanted).report
    build_report(report.pk)
    text = client.get(f"/download_report?report_id={report.pk}").getvalue().decode()
    [row] = [row for row in csv.DictReader(io.StringIO(text)) if row["store_id"] == "a"]

    for window in ("1h", "24h", "7d"):
        told = asked(client, window=window)
        assert told["as_of"] == NEWEST
        for column, printed in told["printed"].items():
            assert row[column] == printed
        sums = [sum(one[name] for one in told["openings"]) for name in ("up_us", "down_us")]
        assert sums == [told["up_us"], told["down_us"]]


def test_it_is_as_its_schema_says(client, history):
    def check(serializer, value):
        assert set(value) == set(serializer.fields)
        for name, field in serializer.fields.items():
            for one in value[name] if hasattr(field, "many") else []:
                check(field.child, one)

    told = asked(client)
    check(ExplanationSerializer(), told)
    assert told["window"] == "7d"
    assert any(row["notes"] for one in told["openings"] for row in one["business_hours"])
    assert any(one["midpoints"] for one in told["openings"])


def test_it_says_which_polls_are_left_out_and_why(client, history):
    told = asked(client, as_of="2024-03-13T12:00:00Z")
    assert [(poll["polled_at"][:10], poll["use"]) for poll in told["polls"]] == [
        ("2024-03-04", "before_look_back"),
        ("2024-03-05", "decides"),
        ("2024-03-06", "outside_hours"),
        ("2024-03-08", "outside_hours"),
        ("2024-03-10", "decides"),
        ("2024-03-10", "decides"),
        ("2024-03-12", "outside_hours"),
    ]
    told = asked(client, as_of="2024-03-11T14:00:00Z", window="24h")
    assert told["polls"][-1]["use"] == "after_as_of"


def test_its_text_is_for_people(client, history):
    plain = client.get(URL, headers={"accept": "text/plain"})
    assert plain.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert plain.content == client.get(URL, {"format": "txt"}).content
    text = plain.content.decode()
    assert text.startswith("Why the numbers of store a are what they are\n")
    assert "the clocks skip the closing time: it closes when they jump (rule 5)" in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"window": "soon"}, "window"),
        ({"window": "1h,24h"}, "window"),
        ({"window": ""}, "window"),
        ({"window": "3h", "windows": "1h,2h"}, "window"),
        ({"windows": "1h,60m"}, "windows"),
        ({"window": "2024-06"}, "windows"),
        ({"as_of": "now"}, "as_of"),
        ({"max_gap": "soon"}, "max_gap"),
        ({"from": NEWEST}, ""),
    ],
)
def test_it_names_what_it_cannot_take(client, history, query, field):
    for form in ({}, {"format": "txt"}):
        answer = client.get(URL, {**query, **form})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) in REFUSALS
        assert [error["field"] for error in problem["errors"]] == [field]


def test_it_knows_only_stores_that_are_there(client, history):
    assert client.get("/api/v1/stores/nobody/explain").json()["code"] == "not_found"
    with pytest.raises(CommandError, match="There is no store 'nobody'"):
        call_command("explain", "nobody")


def test_it_needs_an_instant(client):
    ingest_stores("a,,")
    assert asked(client, 409)["code"] == "no_polls"
    assert asked(client, as_of=NEWEST)["polls"] == []
    with pytest.raises(CommandError, match="There are no polls yet"):
        call_command("explain", "a")


def test_it_refuses_polls_that_were_pruned(client, history):
    note_pruned(from_microseconds(at("2024-03-12 00:00")))
    assert "were pruned" in asked(client, 422)["detail"]
    assert asked(client, windows="1h")["window"] == "1h"
    with pytest.raises(CommandError, match="were pruned"):
        call_command("explain", "a")


def test_it_refuses_more_polls_than_anybody_can_use(client, history, monkeypatch):
    monkeypatch.setattr(explain_views, "MOST_POLLS", 2)
    assert "ask for a shorter one" in asked(client, 422)["detail"]
    assert asked(client, windows="1h")["window"] == "1h"


def test_it_reads_no_poll_of_another_store(client, history, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        alone = asked(client)
    ingest_polls(*(f"b,inactive,2024-03-12 {hour:02}:30:00 UTC" for hour in range(24)))
    assert asked(client) == alone


def test_the_command_says_what_the_api_says(client, history, capsys):
    query = {"window": "24h", "as_of": "2024-03-11T14:00:00Z", "max_gap": "3h"}
    options = {"window": "24h", "as_of": "2024-03-11T14:00:00Z", "max_gap": "3h"}
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]

    call_command("explain", "a", *arguments, "--json")
    assert json.loads(capsys.readouterr().out) == asked(client, **query)
    call_command("explain", "a", *arguments)
    assert capsys.readouterr().out == client.get(URL, {**query, "format": "txt"}).content.decode()


def test_the_command_says_what_it_cannot_take(history):
    for arguments, message in [
        (["--window=soon"], "'soon' is not a window"),
        (["--window=3h", "--windows=1h"], "not one of the report's: 1h"),
        (["--window=2024-06"], "begins after the instant of the report"),
    ]:
        with pytest.raises(CommandError, match=message):
            call_command("explain", "a", *arguments)


def test_a_deleted_store_has_no_explanation(client, history, monkeypatch):
    def deleting(store, question, **_):
        Store.objects.filter(pk=store.pk).delete()
        return explanation_of(store, question)

    explanation_of = explain_views.explanation_of
    monkeypatch.setattr(explain_views, "explanation_of", deleting)
    assert client.get(URL).status_code == 404
