"""Made-up names and tags of stores."""

_STREETS = (
    *("Maple Street", "Oak Avenue", "Harbour", "Riverside", "Old Town", "Market Square"),
    *("Station Road", "Sunset", "Lakeside", "Hilltop", "Canal", "Cedar Lane"),
    *("Mission", "Prospect", "Union", "Juniper", "Granite", "Willow Creek"),
)
_KINDS = (
    *("Diner", "Grill", "Pizza", "Noodle House", "Bakery", "Kitchen", "Tacos", "Burgers"),
    *("Sushi", "Coffee Bar", "Deli", "Curry Corner", "Smokehouse", "Café", "Wings", "Salads"),
)
_OWNERS = ("franchise", "franchise", "franchise", "company-owned")
_PLACES = ("airport", "campus", "downtown", "drive-through", "mall", "suburb")


def name_of(pick: int) -> str:
    """Return a store name, chosen by 64 random bits; one in ten is a numbered branch of a chain."""
    street, pick = _STREETS[pick % len(_STREETS)], pick // len(_STREETS)
    kind, pick = _KINDS[pick % len(_KINDS)], pick // len(_KINDS)
    numbered, pick = pick % 10 == 0, pick // 10
    return f"{street} {kind} #{pick % 90 + 10}" if numbered else f"{street} {kind}"


def tags_of(pick: int) -> str:
    """Return a store's tags as in the feed: an owner, and for two in three a place."""
    owner, pick = _OWNERS[pick % len(_OWNERS)], pick // len(_OWNERS)
    place, pick = _PLACES[pick % len(_PLACES)], pick // len(_PLACES)
    return owner if pick % 3 == 0 else f"{owner};{place}"
