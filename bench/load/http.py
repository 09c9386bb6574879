"""Many clients at once: status polls, triggers, downloads and uploads."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from bench.lab import UNTIL, Lab
from bench.load.clients import Answer, Client, at_once, percentile
from bench.load.processes import peak_of_all
from bench.measure import Failed, Run, say
from bench.stack import Stack, serving
from bench.table import Row, amount, duration, memory, ratio
from feeds.values import instant
from uptime.instants import from_microseconds

CLIENTS = 16
HOUR_FILES = 12
UPLOADS = 4
DOWNLOADS = 8
SENDERS = 11


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is asked of the server."""

    open_reports: int
    seconds: float
    megabytes: int
    triggers: "Triggers"


@dataclass(frozen=True, kw_only=True)
class Triggers:
    """How many reports of one store are asked for at once, and by whom."""

    of_one_sender: int
    of_others: int
    equal: int


FULL = Size(
    open_reports=1000,
    seconds=30,
    megabytes=100,
    triggers=Triggers(of_one_sender=100, of_others=50, equal=50),
)
QUICK = Size(
    open_reports=5,
    seconds=1,
    megabytes=2,
    triggers=Triggers(of_one_sender=3, of_others=3, equal=3),
)


def http(lab: Lab) -> Iterator[Row]:
    """Measure a server under many clients, with one worker process and the usual web processes."""
    size = FULL if lab.of_real_size else QUICK
    busy = lab.with_settings(
        ANONYMOUS_SCOPES="read,ingest,admin", REPORT_MAX_UNFINISHED="0", WEB_CONCURRENCY="2"
    )
    busy.probe("load", lab.data.folder)
    busy.probe("save_hours", lab.folder, HOUR_FILES)
    busy.probe("issue_tokens", lab.folder / "tokens", SENDERS)
    busy.probe("store_large_report", lab.folder / "large", size.megabytes)
    hours = [(lab.folder / f"hour-{number}.csv").read_bytes() for number in range(HOUR_FILES)]
    with serving(busy.environment, lab.folder) as stack:
        stack.warm_up(reports=1)
        yield from _uploads(lab, stack, hours[: 2 * UPLOADS])
        yield from _downloads(lab, stack, (lab.folder / "large").read_text(), size)
        yield from _triggers(lab, stack, (lab.folder / "tokens").read_text().split(), size)
        yield from _status_polls(lab, stack, hours[2 * UPLOADS :], size)


def _uploads(lab: Lab, stack: Stack, hours: Sequence[bytes]) -> Iterator[Row]:
    """Compare uploads side by side with the same number one after the other."""

    def send(hour: bytes) -> Answer:
        return Client(stack.port).send("POST", "/api/v1/polls/", hour)

    alone = _timed(lambda: [send(hour) for hour in hours[:UPLOADS]])
    together = _timed(lambda: at_once(send, hours[UPLOADS:]))
    figure = f"{UPLOADS} uploads of an hour at once / one after the other"
    yield ratio(figure, lab.place, [together], [alone], lab.target(1.2))


def _downloads(lab: Lab, stack: Stack, report: str, size: Size) -> Iterator[Row]:
    """Download a large file by several clients at once, and see how the web server grows."""
    path = f"/api/v1/reports/{report}/download/"
    Client(stack.port).download(path)
    before = peak_of_all(stack.web)
    run = _timed(lambda: at_once(lambda _: Client(stack.port).download(path), range(DOWNLOADS)))
    grown = max(peak_of_all(stack.web) - before, 0)
    megabytes = size.megabytes * DOWNLOADS / run.seconds
    figure = f"{DOWNLOADS} downloads of {size.megabytes} MB at once"
    yield amount(figure, lab.place, megabytes, " MB/s")
    figure = f"{figure}: web processes' memory grows by"
    yield memory(figure, lab.place, [Run(seconds=0, peak=grown)], lab.target(size.megabytes))


def _triggers(lab: Lab, stack: Stack, tokens: Sequence[str], size: Size) -> Iterator[Row]:
    """Start reports of one store: most of one sender, some of ten others, and equal ones."""
    asked = _asked(stack, tokens, size.triggers)

    def trigger(one: _Trigger) -> Answer:
        sender = Client(stack.port, one.token)
        return sender.send("POST", "/api/v1/reports/", one.content, one.headers)

    start = time.perf_counter()
    answers = at_once(trigger, asked)
    taken = Run(seconds=time.perf_counter() - start, rows=len(answers))
    sender_of = {a.content["id"]: one.token for one, a in zip(asked, answers, strict=True)}
    finished = [sender_of[one] for one in _finished(stack, set(sender_of))]
    ended = Run(seconds=time.perf_counter() - start, rows=len(finished))
    yield duration(f"{len(asked)} triggers at once, all answered", lab.place, [taken])
    yield duration("a trigger, 99th percentile", lab.place, [_at(answers, 99)])
    equal = [a.content["id"] for one, a in zip(asked, answers, strict=True) if one.headers]
    yield amount(f"reports made of {len(equal)} equal triggers", lab.place, len(set(equal)), "", 1)
    yield duration(f"{len(finished)} reports of one store, all complete", lab.place, [ended])
    place = max(finished.index(sender) + 1 for sender in set(finished))
    # All were asked for at once; each sender waits for about one report of each other.
    figure = f"place of the last sender's first report, of {len(set(finished))} senders"
    yield amount(figure, lab.place, place, "", lab.target(2 * len(set(finished))))


@dataclass(frozen=True, kw_only=True)
class _Trigger:
    """A request for a report, by the sender with this token."""

    token: str
    content: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def _asked(stack: Stack, tokens: Sequence[str], wanted: Triggers) -> list[_Trigger]:
    """Return triggers in random order; the equal ones have one Idempotency-Key."""
    store = Client(stack.port).send("GET", "/api/v1/stores/").content["results"][0]["store_id"]
    [one, *others] = tokens
    senders = [one] * wanted.of_one_sender
    senders += [others[number % len(others)] for number in range(wanted.of_others)]
    stores = {"ids": [store]}
    asked = [
        _Trigger(token=token, content={"as_of": _as_of(number), "stores": stores})
        for number, token in enumerate(senders, 1)
    ]
    equal = {"as_of": _as_of(0), "stores": stores}
    same = {"Idempotency-Key": "the same"}
    asked += [_Trigger(token=one, content=equal, headers=same)] * wanted.equal
    random.Random(1).shuffle(asked)  # the same order each time # nosec B311
    return asked


def _finished(stack: Stack, wanted: set[str]) -> list[str]:
    """Wait until all reports are complete; return their ids in the order in which they were."""
    client = Client(stack.port)
    while True:
        every: list[dict[str, Any]] = []
        path = "/api/v1/reports/?status=Complete"
        while path:
            page = client.send("GET", path).content
            every += [report for report in page["results"] if report["id"] in wanted]
            path = page["next"]
        if len(every) == len(wanted):
            every.sort(key=lambda report: str(report["finished_at"]))
            return [report["id"] for report in every]
        time.sleep(0.5)


def _status_polls(lab: Lab, stack: Stack, hours: Sequence[bytes], size: Size) -> Iterator[Row]:
    """Ask for the state of many open reports, while reports are built and hours come in."""
    client = Client(stack.port)
    triggers = [
        client.send("POST", "/api/v1/reports/", {"as_of": _as_of(number), "columns": "full"})
        for number in range(size.open_reports)
    ]
    say(f"  {len(triggers)} reports are open")
    ids = [answer.content["id"] for answer in triggers]
    crowd = Crowd(
        port=stack.port,
        paths=[
            *(f"/api/v1/reports/{one}/" for one in ids),
            *(f"/get_report?report_id={one}" for one in ids),
        ],
        hours=hours,
        seconds=size.seconds,
    )
    polls, uploads, seconds = crowd.at_work()
    still_open = client.send("GET", f"/api/v1/reports/{ids[-1]}/").content["status"] == "Queued"
    if lab.of_real_size and not still_open:
        raise Failed("the reports were complete before the status polls ended")
    figure = f"status polls, {size.open_reports:,} open reports"
    yield amount(f"{figure}, {CLIENTS} clients", lab.place, len(polls) / seconds, " a second")
    yield duration(f"{figure}, median", lab.place, [_at(polls, 50)])
    yield duration(f"{figure}, 99th percentile", lab.place, [_at(polls, 99)])
    yield duration("an hour's polls sent meanwhile, slowest", lab.place, [_at(uploads, 99)])


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Clients that ask as fast as they are answered, and one that sends an hour now and then."""

    port: int
    paths: Sequence[str]
    hours: Sequence[bytes]
    seconds: float
    ended: Event = field(default_factory=Event)

    def at_work(self) -> tuple[list[Answer], list[Answer], float]:
        """Return the answers to status polls, those to the hours, and how long it took."""
        start = time.perf_counter()
        uploads, *asked = at_once(
            lambda seed: self.ask(seed) if seed else self.feed(), range(CLIENTS + 1)
        )
        return [one for each in asked for one in each], uploads, time.perf_counter() - start

    def ask(self, seed: int) -> list[Answer]:
        order = random.Random(seed)  # the same order each time # nosec B311
        client, answers = Client(self.port), []
        while not self.ended.is_set():
            answers.append(client.send("GET", order.choice(self.paths)))
        return answers

    def feed(self) -> list[Answer]:
        client, pause = Client(self.port), self.seconds / len(self.hours)
        try:
            return [self._fed(client, hour, pause) for hour in self.hours]
        finally:
            self.ended.set()

    def _fed(self, client: Client, hour: bytes, pause: float) -> Answer:
        answer = client.send("POST", "/api/v1/polls/", hour)
        time.sleep(max(0.0, pause - answer.seconds))
        return answer


def _timed(work: Callable[[], Sequence[Any]]) -> Run:
    start = time.perf_counter()
    done = work()
    return Run(seconds=time.perf_counter() - start, rows=len(done))


def _at(answers: Sequence[Answer], percent: int) -> Run:
    return percentile([answer.seconds for answer in answers], percent)


def _as_of(number: int) -> str:
    """Return one of many instants: reports as of different ones are different."""
    return from_microseconds(instant(UNTIL) - number * 1_000_000).isoformat()
