"""Numbered files of polls, none of which has a poll of another, and what must be stored at last."""

import csv
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Lock

HEADER = "store_id,status,timestamp_utc\n"
UNTIL = "2024-03-13T18:13:22.479220Z"
# File n begins n + 1 minutes after the sample's last poll, and ends within its minute.
FIRST = datetime(2024, 3, 13, 18, 14, tzinfo=UTC)
SIZES = (1, 1, 4, 40)
WIDTH = 50


class PollFiles:
    """Makes files for the stores of the sample in ``folder``, and knows which are stored."""

    def __init__(self, folder, *, seed):
        self._seed = seed
        self.sample = read_polls(folder / "store_status.csv")
        self._stores = sorted({store for store, _ in self.sample})[:WIDTH]
        self._lock = Lock()
        self._made = 0
        self._open = set()
        self._stored = set()
        self._rows = {}

    def next_number(self):
        """Return the number of a file that nobody has sent yet."""
        with self._lock:
            self._made += 1
            self._open.add(self._made)
            return self._made

    def is_stored(self, number):
        """Note that the product has said that it stored the file."""
        with self._lock:
            self._open.discard(number)
            self._stored.add(number)

    def rows(self, number):
        """Return the polls of a file: (store, instant) to status."""
        if number not in self._rows:
            self._rows[number] = self._polls(number)
        return self._rows[number]

    def _polls(self, number):
        chosen = Random(f"{self._seed} {number}")
        start = FIRST + timedelta(minutes=number)
        return {
            (store, start + timedelta(seconds=second)): chosen.choice(("active", "inactive"))
            for second in range(chosen.choice(SIZES))
            for store in self._stores
        }

    def text(self, number):
        return HEADER + _lines(self.rows(number))

    def settled(self):
        """Return an instant up to which every file that was ever sent is stored."""
        with self._lock:
            first = min(self._open, default=self._made + 1)
        return FIRST + timedelta(minutes=first, seconds=-1)

    def expected(self):
        """Return every poll of the sample and of the files that were stored."""
        polls = dict(self.sample)
        for number in sorted(self._stored):
            polls |= self.rows(number)
        return polls

    def numbers(self):
        """Return the numbers of all files, stored or not."""
        return range(1, self._made + 1)

    def write_undisturbed(self, folder, sample):
        """Write the sample's files with all stored files in them."""
        folder.mkdir()
        for path in sample.glob("*.csv"):
            (folder / path.name).write_bytes(path.read_bytes())
        with (folder / "store_status.csv").open("a") as file:
            for number in sorted(self._stored):
                file.write(_lines(self.rows(number)))


def read_polls(path):
    """Return the polls of a CSV; the last row of a store and instant counts."""
    with path.open(newline="") as file:
        return {
            (row["store_id"], _instant(row["timestamp_utc"])): row["status"]
            for row in csv.DictReader(file)
        }


def _instant(text):
    return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC)


def _lines(rows):
    return "".join(
        f"{store},{status},{instant:%Y-%m-%d %H:%M:%S} UTC\n"
        for (store, instant), status in rows.items()
    )
