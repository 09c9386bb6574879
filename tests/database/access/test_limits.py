"""Rate limits: shown in each answer, counted over all processes, never in the way."""

import re
import subprocess
import sys

import pytest
import redis

from access import tokens
from access.limits import rates
from access.limits.counters import CannotCount, Count, FileCounters, RedisCounters
from tests import servers
from tests.paths import ROOT

PATH = "/api/v1/reports/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def counters(monkeypatch, tmp_path):
    counters = FileCounters(tmp_path / "counts.sqlite3")
    monkeypatch.setattr(rates, "counters", lambda: counters)
    monkeypatch.setattr(rates._Pause, "until", 0.0)
    yield counters
    counters.close()


@pytest.fixture
def limited(settings, counters):
    settings.RATE_LIMIT_READ, settings.RATE_LIMIT_WRITE = 3, 1


def remaining(response):
    return int(re.search(r"r=(\d+)", response["RateLimit"])[1])


@pytest.mark.usefixtures("limited")
def test_it_tells_what_is_left_and_then_when_to_come_again(client):
    answers = [client.get(PATH) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [remaining(answer) for answer in answers] == [2, 1, 0, 0, 0]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"read";q=3;w=60'}
    refused = answers[3]
    assert refused["Content-Type"] == "application/problem+json"
    assert (refused.json()["code"], refused.json()["title"]) == ("throttled", "Throttled")
    seconds = int(refused["Retry-After"])
    assert 1 <= seconds <= 60
    assert refused["RateLimit"] == f'"read";r=0;t={seconds}'
    assert "Retry-After" not in answers[0]


@pytest.mark.usefixtures("limited")
def test_it_counts_what_changes_something_apart(client):
    assert client.post("/trigger_report").status_code == 409  # There are no polls.
    refused = client.post("/trigger_report")
    assert (refused.status_code, refused["RateLimit-Policy"]) == (429, '"write";q=1;w=60')
    assert refused.json()["message"] == refused.json()["detail"]
    assert client.get(PATH).status_code == 200


@pytest.mark.usefixtures("limited")
def test_it_counts_each_token_person_and_address_apart(client, admin_client):
    secrets = [
        tokens.issue(name=name, scopes=["read"], created_by="a test").secret for name in "ab"
    ]
    senders = [
        lambda: client.get(PATH),
        lambda: client.get(PATH, REMOTE_ADDR="192.0.2.7"),
        lambda: admin_client.get(PATH),
        *(lambda s=s: client.get(PATH, headers={"Authorization": f"Bearer {s}"}) for s in secrets),
    ]
    for send in senders:
        assert [remaining(send()) for _ in range(3)] == [2, 1, 0]
        assert send().status_code == 429


@pytest.mark.usefixtures("counters")
def test_it_limits_how_often_somebody_may_try_to_log_in(client, settings, django_user_model):
    settings.RATE_LIMIT_LOGIN = 2
    django_user_model.objects.create_superuser("ann", password="right")
    wrong, right = ({"username": "ann", "password": word} for word in ("wrong", "right"))

    assert [client.post("/admin/login/", wrong).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.post("/admin/login/", right)
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert client.get("/admin/login/").status_code == 200
    django_user_model.objects.create_superuser("ben", password="right")
    other = {"username": "ben", "password": "right"}
    elsewhere = client.post("/admin/login/?next=/admin/", other, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302


@pytest.mark.usefixtures("counters")
def test_it_limits_the_attempts_at_one_account_wherever_they_come_from(client, settings):
    settings.RATE_LIMIT_LOGIN = 2
    spelled = ["ann", "ANN", "\uff41nn", "ben"]
    answers = [
        client.post(
            "/admin/login/", {"username": name, "password": "x"}, REMOTE_ADDR=f"192.0.2.{n}"
        )
        for n, name in enumerate(spelled)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]


def test_it_counts_no_more_names_that_a_refused_address_thinks_of(client, settings, counters):
    settings.RATE_LIMIT_LOGIN = 2
    for number in range(6):
        client.post("/admin/login/", {"username": f"u{number}", "password": "x"})
    [(rows,)] = counters._connection.execute("SELECT count(*) FROM counts").fetchall()
    assert rows == 3


@pytest.mark.usefixtures("counters")
def test_it_takes_a_network_of_ipv6_for_one_sender(client, settings):
    settings.RATE_LIMIT_LOGIN = 2

    def attempt(number, address):
        form = {"username": f"u{number}", "password": "x"}
        return client.post("/admin/login/", form, REMOTE_ADDR=address).status_code

    one = [attempt(number, f"2001:db8:0:7::{number:x}") for number in range(3)]
    assert one == [200, 200, 429]
    assert attempt(4, "2001:db8:0:8::1") == 200
    assert [attempt(5, "::ffff:192.0.2.1"), attempt(6, "::ffff:192.0.2.2")] == [200, 200]


def test_it_limits_log_ins_while_redis_is_away(client, settings, monkeypatch, tmp_path):
    settings.RATE_LIMIT_LOGIN = settings.RATE_LIMIT_READ = 2
    away, alone = RedisCounters("redis://127.0.0.1:1/0"), FileCounters(tmp_path / "counts.sqlite3")
    monkeypatch.setattr(rates, "counters", lambda: away)
    monkeypatch.setattr(rates, "file_counters", lambda: alone)
    monkeypatch.setattr(rates._Pause, "until", 0.0)
    form = {"username": "ann", "password": "x"}
    answers = [client.post("/admin/login/", form).status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]
    assert [client.get(PATH).status_code for _ in range(4)] == [200] * 4
    alone.close()


@pytest.mark.parametrize("authorization", ["", "Bearer sm_guessed"])
@pytest.mark.usefixtures("limited")
def test_it_limits_whoever_is_refused_and_says_so_once(client, settings, caplog, authorization):
    settings.ANONYMOUS_SCOPES = []
    headers = {"authorization": authorization} if authorization else {}
    answers = [client.get(PATH, headers=headers) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429, 429]
    assert caplog.text.count("more requests than allowed") == 1
    assert client.get(PATH, headers=headers, REMOTE_ADDR="192.0.2.7").status_code == 401


@pytest.mark.usefixtures("limited")
def test_it_trusts_the_address_that_its_own_proxy_saw(client, settings):
    def send(forwarded):
        return client.get(PATH, headers={"X-Forwarded-For": forwarded})

    assert [remaining(send(f"192.0.2.{number}")) for number in range(3)] == [2, 1, 0]
    settings.TRUSTED_PROXIES = 1
    assert remaining(send("10.9.9.9, 192.0.2.1")) == 2
    assert remaining(send("10.8.8.8, 192.0.2.1")) == 1
    assert remaining(send("192.0.2.2")) == 2
    assert remaining(send("rubbish")) == 2  # Counted by address, shared by all such.


@pytest.mark.usefixtures("counters")
def test_it_says_nothing_of_limits_where_there_are_none(client, settings):
    settings.RATE_LIMIT_READ = 0
    response = client.get(PATH)
    assert response.status_code == 200
    assert "RateLimit" not in response


@pytest.mark.usefixtures("limited")
def test_it_does_not_limit_probes_of_health(client):
    assert [client.get("/healthz").status_code for _ in range(6)] == [200] * 6


def test_it_answers_without_limits_while_it_cannot_count(client, settings, monkeypatch, caplog):
    asked = []

    class Away:
        def add(self, key, *, window):
            asked.append(key)
            raise CannotCount("connection refused")

    settings.RATE_LIMIT_READ = 1
    monkeypatch.setattr(rates, "counters", Away)
    monkeypatch.setattr(rates._Pause, "until", 0.0)
    assert [client.get(PATH).status_code for _ in range(4)] == [200] * 4
    assert len(asked) == 1
    assert "requests are not limited for 10 s: connection refused" in caplog.text


# The counts themselves ---------------------------------------------------------------------


@pytest.fixture(params=["file", "redis"])
def stores(request, tmp_path):
    """Two processes' worth of the same counts, how a third process makes them, and an end."""
    if request.param == "file":
        path = tmp_path / "counts.sqlite3"
        pair = FileCounters(path), FileCounters(path)
        yield pair, f"FileCounters(Path({str(path)!r}))"
        for one in pair:
            one.close()
    else:
        with servers.broker() as url:
            yield (RedisCounters(url), RedisCounters(url)), f"RedisCounters({url!r})"


def test_it_counts_over_processes(stores):
    (first, second), made = stores
    assert first.add("a", window=60).hits == 1
    assert second.add("a", window=60).hits == 2
    assert second.add("b", window=60).hits == 1
    script = (
        "from pathlib import Path\n"
        "from access.limits.counters import FileCounters, RedisCounters\n"
        f"counters = {made}\n"
        "for _ in range(200): counters.add('a', window=60)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(2)]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    assert first.add("a", window=60).hits == 403


def test_it_begins_a_window_with_the_first_hit(stores):
    (first, _), _ = stores
    assert first.add("a", window=60) == Count(hits=1, seconds_left=60)
    assert first.add("a", window=1).seconds_left > 50


def test_it_begins_anew_when_the_window_is_over(tmp_path, monkeypatch):
    counters = FileCounters(tmp_path / "counts.sqlite3")
    for second, hits in [(0, 1), (30, 2), (59, 3), (60, 1), (90, 2)]:
        monkeypatch.setattr("access.limits.counters.time.time", lambda s=second: 1000.0 + s)
        assert counters.add("a", window=60).hits == hits
    counters.close()


def test_it_forgets_those_who_are_gone(tmp_path, monkeypatch):
    counters = FileCounters(tmp_path / "counts.sqlite3")
    for second in range(0, 600, 61):
        monkeypatch.setattr("access.limits.counters.time.time", lambda s=second: 1000.0 + s)
        counters.add(f"address {second}", window=60)
    [(rows,)] = counters._connection.execute("SELECT count(*) FROM counts").fetchall()
    assert rows == 1
    counters.close()


def test_redis_forgets_too(stores, request):
    (first, _), made = stores
    if "Redis" not in made:
        pytest.skip("only Redis expires by itself")
    first.add("a", window=60)
    with redis.from_url(made.split("'")[1]) as client:
        [key] = client.keys("storemonitor:rate:*")
        assert 0 < client.ttl(key) <= 60


@pytest.mark.parametrize(
    "counters",
    [
        FileCounters,  # A folder is no file.
        lambda _: RedisCounters("redis://127.0.0.1:1/0"),
    ],
)
def test_it_says_that_it_cannot_count(counters, tmp_path):
    with pytest.raises(CannotCount):
        counters(tmp_path).add("a", window=60)
