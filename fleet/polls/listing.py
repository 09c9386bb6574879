"""Lists over millions of polls, without counting them.

Pages know whether another follows; the dates to choose from are those between the first and the
last poll. Django's own list would count, and scan for dates that have rows.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import Max, Min
from django.utils.functional import cached_property

from fleet.models import PollRecord

if TYPE_CHECKING:
    from django.http import HttpRequest

_YEAR, _MONTH, _DAY = (f"polled_at__{unit}" for unit in ("year", "month", "day"))


class NextPagePaginator(Paginator):  # type: ignore[type-arg]
    """Reads one page plus a row; ``count`` is the number of rows known to exist by then."""

    last_page = 100  # Pages skip rows; choosing a date reaches further back, and faster.

    def __init__(self, object_list: Any, per_page: int, *, number: int) -> None:
        super().__init__(object_list, per_page)
        self._start = min(max(number - 1, 0), self.last_page) * self.per_page

    @cached_property
    def rows(self) -> list[PollRecord]:
        """Return the rows of the page, and the first row of the next."""
        return list(self.object_list[self._start : self._start + self.per_page + 1])

    @cached_property
    def count(self) -> int:
        """Return the number of rows up to the end of ``rows``."""
        return self._start + len(self.rows)

    def validate_number(self, number: Any) -> int:
        """Return the number of a page; EmptyPage after the last."""
        if int(number) > self.last_page:
            raise EmptyPage(f"Choose a date to see polls beyond page {self.last_page}.")
        return super().validate_number(number)

    def page(self, number: Any) -> Page[PollRecord]:
        return Page(self.rows[: self.per_page], self.validate_number(number), self)


class FirstPagePaginator(Paginator):  # type: ignore[type-arg]
    """Counts only if there is more than one page: a search with few results scans once."""

    @cached_property
    def first_rows(self) -> list[Any]:
        """Return the rows of the first page, and one more."""
        return list(self.object_list[: self.per_page + 1])

    @cached_property
    def count(self) -> int:
        found = len(self.first_rows)
        return found if found <= self.per_page else super().count

    def page(self, number: Any) -> Page[Any]:
        """Return a page; the first was already read."""
        if int(number) == 1:
            return Page(self.first_rows[: self.per_page], 1, self)
        return super().page(number)


@dataclass(frozen=True, kw_only=True)
class DateChoice:
    """One date to choose; without an address it is the current one."""

    title: str
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class DateChoices:
    """The content of the date bar."""

    back: DateChoice | None
    choices: Sequence[DateChoice]


class PollChangeList(ChangeList):
    """The page of polls for its template."""

    def get_results(self, request: "HttpRequest") -> None:
        """Read one page, without counting rows."""
        super().get_results(request)
        self.full_result_count = self.result_count

    @property
    def newer(self) -> str | None:
        """Return the URL of the previous page."""
        return self._page(self.page_num - 1) if self.page_num > 1 else None

    @property
    def older(self) -> str | None:
        """Return the URL of the next page."""
        more = self.result_count > self.page_num * self.list_per_page
        return self._page(self.page_num + 1) if more and not self.at_end else None

    @property
    def at_end(self) -> bool:
        """Tell whether this is the last reachable page, even if there are more rows."""
        return self.page_num >= NextPagePaginator.last_page

    def _page(self, number: int) -> str:
        return self.get_query_string({"p": number})

    @cached_property
    def dates(self) -> DateChoices | None:
        """Return the choices one level below the current date; None without polls."""
        span = PollRecord.objects.aggregate(first=Min("polled_at"), last=Max("polled_at"))
        if span["first"] is None:
            return None
        return self._choices(span["first"].date(), span["last"].date())

    def _choices(self, first: date, last: date) -> DateChoices:
        year, month, day = (int(self.params.get(key) or 0) for key in (_YEAR, _MONTH, _DAY))
        if day:
            shown = DateChoice(title=f"{date(year, month, day):%d %B %Y}")
            return DateChoices(back=self._choice(year, month), choices=[shown])
        if not year and (first.year, first.month) == (last.year, last.month):
            return DateChoices(back=None, choices=self._days(first, last, first.year, first.month))
        if month:
            days = self._days(first, last, year, month)
            return DateChoices(back=self._choice(year), choices=days)
        if year:
            return DateChoices(back=self._choice(), choices=self._months(first, last, year))
        years = range(first.year, last.year + 1)
        return DateChoices(back=None, choices=[self._choice(one) for one in years])

    def _months(self, first: date, last: date, year: int) -> list[DateChoice]:
        span = (first.year, first.month), (last.year, last.month)
        return [
            self._choice(year, month)
            for month in range(1, 13)
            if span[0] <= (year, month) <= span[1]
        ]

    def _days(self, first: date, last: date, year: int, month: int) -> list[DateChoice]:
        count = calendar.monthrange(year, month)[1]
        days = (date(year, month, day) for day in range(1, count + 1))
        return [self._choice(year, month, one.day) for one in days if first <= one <= last]

    def _choice(self, year: int = 0, month: int = 0, day: int = 0) -> DateChoice:
        chosen = {_YEAR: year, _MONTH: month, _DAY: day}
        form = "%d %B" if day else "%B %Y" if month else "%Y"
        title = f"{date(year, month or 1, day or 1):{form}}" if year else "All dates"
        address = self.get_query_string(
            {key: str(value) for key, value in chosen.items() if value}, ["polled_at__"]
        )
        return DateChoice(title=title, address=address)
