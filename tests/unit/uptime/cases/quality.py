"""Rules 13 to 17, with the arithmetic: how much of a number was measured."""

from dataclasses import dataclass, field

from tests.reference import HOUR, Poll, Store
from tests.reference_quality import Quality
from tests.unit.uptime.notation import Span, at, hours, length, polls

MORNING = ("2023-01-24 09:00", "2023-01-24 12:00")
DAY = ("2023-01-24 00:00", "2023-01-25 00:00")


@dataclass(frozen=True, kw_only=True)
class QualityCase:
    """One window of one store, with numbers in hours like "1:44:30", and the expected results."""

    name: str
    window: tuple[str, str]
    percentages: tuple[str, str]
    up: str = "0"
    covered: str = "0"
    gap: str
    least: str = "0"
    most: str = "0"
    margin: str | int = "0"
    hours: str = ""
    polls: list[Poll] = field(default_factory=list)
    as_of: str = ""
    fresh: str = "1"
    max_gap: str | None = None

    @property
    def store(self) -> Store:
        return Store(time_zone="UTC", hours=hours(self.hours), polls=self.polls)

    @property
    def question(self) -> dict[str, object]:
        window: Span = (at(self.window[0]), at(self.window[1]))
        return {
            "as_of": at(self.as_of or self.window[1]),
            "windows": [window],
            "fresh": length(self.fresh),
            "max_gap": None if self.max_gap is None else length(self.max_gap),
        }

    @property
    def expected(self) -> Quality:
        margin = self.margin if isinstance(self.margin, int) else length(self.margin)
        return Quality(
            covered=length(self.covered),
            longest_gap=length(self.gap),
            least_up=length(self.least),
            most_up=length(self.most),
            margin=margin,
        )


# 1.96 / sqrt(12) = 0.565803..., of an hour: 2 036 891 749.7 microseconds, and up.
MARGIN_OF_AN_HOUR = 2_036_891_750
assert 7500 * MARGIN_OF_AN_HOUR**2 >= 2401 * HOUR**2 > 7500 * (MARGIN_OF_AN_HOUR - 1) ** 2

QUALITY = [
    QualityCase(
        name="the mission's example",
        hours="daily 09:00-12:00",
        polls=polls("2023-01-24 10:14 up, 11:15 down"),
        window=MORNING,
        up="1:44:30",
        # 1:44:30 of 3 h is 58.0555 %; covered 09:14-12:00 is 2:46 of 3 h, 92.2222 %.
        percentages=("58.05", "92.22"),
        covered="2:46",
        # 09:00-10:14 is 1:14, then 1:01 and 0:45.
        gap="1:14",
        # The change lies in 10:14-11:15: up for 1:14 at least, for 2:15 at most.
        least="1:14",
        most="2:15",
        # 0.565803 of 61 minutes are 34:30.84, more than the 30:30 to either bound.
        margin="0:30:30",
    ),
    QualityCase(
        name="two changes, of which neither reaches its bound",
        polls=polls("2023-01-24 09:00 up, 10:00 down, 11:00 up, 12:00 up"),
        window=MORNING,
        # Up 09:00-09:30 and 10:30-12:00.
        up="2",
        percentages=("66.66", "100.00"),
        covered="3",
        gap="1",
        least="1",
        most="3",
        # sqrt(1 + 1) * 0.565803 h = 0.800167 h = 48:00.5999375...; the bounds are an hour away.
        margin="0:48:00.599938",
    ),
    QualityCase(
        name="99.998 is never 100.00",
        # Half-way is 11:59:59.784: down for 0.216 s of 3 h, 99.998 % up.
        polls=polls("2023-01-24 09:00 up, 11:59:59.568 up, 12:00 down"),
        window=MORNING,
        up="2:59:59.784",
        # Covered 09:00-10:00 and from 10:59:59.568: 2:00:00.432, 66.67066 %.
        percentages=("99.99", "66.67"),
        covered="2:00:00.432",
        gap="2:59:59.568",
        least="2:59:59.568",
        most="3",
        margin="0:00:00.216",
    ),
    QualityCase(
        name="no polls",
        hours="daily 09:00-12:00",
        window=MORNING,
        percentages=("n/a", "0.00"),
        gap="3",
    ),
    QualityCase(
        name="closed all day",
        hours="Mon 09:00-12:00",
        polls=polls("2023-01-23 10:00 up"),
        window=DAY,
        percentages=("n/a", "n/a"),
        gap="0",
    ),
    QualityCase(
        name="never open, always polled",
        hours="Mon 09:00-12:00",
        polls=polls("2023-01-24 10:00 up"),
        window=DAY,
        percentages=("n/a", "n/a"),
        gap="0",
    ),
    QualityCase(
        name="one poll that says down",
        hours="daily 09:00-12:00",
        polls=polls("2023-01-24 11:00 down"),
        window=MORNING,
        # Covered 10:00-12:00.
        percentages=("0.00", "66.66"),
        covered="2",
        gap="2",
    ),
    QualityCase(
        name="evidence around a window without any, that agrees",
        polls=polls("2023-01-24 08:50 up, 12:20 up"),
        as_of="2023-01-24 13:00",
        window=MORNING,
        up="3",
        # Covered 09:00-09:50 and 11:20-12:00: an hour and a half.
        percentages=("100.00", "50.00"),
        covered="1:30",
        gap="3",
        least="3",
        most="3",
    ),
    QualityCase(
        name="evidence around a window without any, that differs",
        polls=polls("2023-01-24 08:00 up, 13:00 down"),
        as_of="2023-01-24 13:00",
        window=MORNING,
        # Half-way is 10:30. Only the three hours of the window count: all or nothing.
        up="1:30",
        percentages=("50.00", "0.00"),
        gap="3",
        least="0",
        most="3",
        # 3 * 0.565803 h = 1.697 h, more than the hour and a half to either bound.
        margin="1:30",
    ),
    QualityCase(
        name="a pair over the start of the window counts for what lies within",
        polls=polls("2023-01-24 08:00 down, 10:00 up, 12:00 up"),
        window=MORNING,
        # Half-way is 09:00. Of 08:00-10:00 one hour is in the window, all of it taken for up.
        up="3",
        percentages=("100.00", "100.00"),
        covered="3",
        gap="2",
        least="2",
        most="3",
        # 0.565803 of that hour; it could all be down.
        margin=MARGIN_OF_AN_HOUR,
    ),
    QualityCase(
        name="a pair over the end of the window counts for what lies within",
        polls=polls("2023-01-24 09:00 up, 11:00 up, 13:00 down"),
        as_of="2023-01-24 13:00",
        window=MORNING,
        up="3",
        percentages=("100.00", "100.00"),
        covered="3",
        gap="2",
        least="2",
        most="3",
        margin=MARGIN_OF_AN_HOUR,
    ),
    QualityCase(
        name="closed time is in no gap, no bound and no margin",
        hours="daily 09:00-10:00, daily 20:00-21:00",
        polls=polls("2023-01-24 09:30 up, 20:30 down"),
        window=DAY,
        # Half-way is 15:00. Open between the polls: half an hour on each side.
        up="1",
        percentages=("50.00", "100.00"),
        covered="2",
        gap="1",
        least="0:30",
        most="1:30",
        # 0.565803 of an hour, more than the half hour to either bound.
        margin="0:30",
    ),
    QualityCase(
        name="half-way in closed time leaves all the doubt on one side",
        hours="daily 09:00-10:00, daily 20:00-21:00",
        polls=polls("2023-01-24 09:00 up, 20:00 down"),
        window=DAY,
        up="1",
        percentages=("50.00", "100.00"),
        covered="2",
        gap="1",
        # The hour from 09:00 may have been down from its first microsecond on.
        least="0",
        most="1",
        margin=MARGIN_OF_AN_HOUR,
    ),
    QualityCase(
        name="before the first and after the last poll there is no pair",
        polls=polls("2023-01-24 10:00 up, 11:00 up"),
        window=DAY,
        up="24",
        # Covered 09:00-12:00, an eighth of the day.
        percentages=("100.00", "12.50"),
        covered="3",
        gap="13",
        least="24",
        most="24",
    ),
    QualityCase(
        name="exactly fresh is fresh",
        polls=polls("2023-01-24 09:00 up, 11:00 up, 12:00 up"),
        window=MORNING,
        up="3",
        percentages=("100.00", "100.00"),
        covered="3",
        gap="2",
        least="3",
        most="3",
    ),
    QualityCase(
        name="a microsecond more than fresh is not",
        polls=polls("2023-01-24 09:00 up, 11:00:00.000001 up, 12:00 up"),
        window=MORNING,
        up="3",
        # [10:00, 10:00:00.000001) is not covered.
        percentages=("100.00", "99.99"),
        covered="2:59:59.999999",
        gap="2:00:00.000001",
        least="3",
        most="3",
    ),
    QualityCase(
        name="what is fresh can be said",
        polls=polls("2023-01-24 10:30 up"),
        fresh="0:15",
        window=MORNING,
        up="3",
        # 10:15-10:45 is 0:30 of 3 h, 16.6666 %.
        percentages=("100.00", "16.66"),
        covered="0:30",
        gap="1:30",
        least="3",
        most="3",
    ),
    QualityCase(
        name="what a limit leaves unknown is in no bound and no margin",
        polls=polls("2023-01-24 09:00 up, 12:00 down"),
        max_gap="0:30",
        window=MORNING,
        # Up 09:00-09:30, unknown 09:30-11:30, down 11:30-12:00; an hour is known.
        up="0:30",
        percentages=("50.00", "66.66"),
        covered="2",
        # The gap is one of evidence, whatever is made of it.
        gap="3",
        # The known hour may be all down or all up.
        least="0",
        most="1",
        # 0.565803 of the known hour is more than the half hour to either bound.
        margin="0:30",
    ),
]
