"""Public holidays of a country or region, to choose special days from; none is one by itself."""

from datetime import date
from typing import NamedTuple

from feeds.naming import LONGEST_REASON

COUNTRY_PATTERN = r"[A-Z]{2}"
REGION_PATTERN = r"[A-Za-z0-9 .-]{1,40}"
_LANGUAGE = "en_US"


class Proposal(NamedTuple):
    """A public holiday; ``reason``: its names, in English if the package has them."""

    date: date
    reason: str


class UnknownPlace(Exception):
    """There are no holidays for it; ``field`` is country or region, the text is for people."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def proposals(country: str, region: str, year: int) -> list[Proposal]:
    """Return the public holidays of a year, by date.

    ``country``: a code of ISO 3166-1, such as US. ``region``: the second half of its code of
    ISO 3166-2, such as TX; empty for the holidays of the whole country. Raises ``UnknownPlace``.
    """
    # Every process would take a tenth of a second longer to start.
    import holidays  # noqa: PLC0415

    try:
        of_country = holidays.country_holidays(country)
    except NotImplementedError:
        raise UnknownPlace("country", f"There are no holidays known of {country!r}.") from None
    regions = (*of_country.subdivisions, *of_country.subdivisions_aliases)
    if region and region not in regions:
        known = ", ".join(of_country.subdivisions) or "none"
        raise UnknownPlace("region", f"{country} has no region {region!r}; known: {known}.")
    language = _LANGUAGE if _LANGUAGE in of_country.supported_languages else None
    found = holidays.country_holidays(
        country,
        subdiv=region or None,
        years=year,
        expand=False,
        language=language or of_country.default_language,
    )
    return [Proposal(day, name[:LONGEST_REASON]) for day, name in sorted(found.items())]
