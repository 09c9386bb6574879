"""The scope of a special day as text: ``fleet``, ``tag:NAME`` or ``store:ID``."""

from typing import NamedTuple

from django.db.models import Q

from fleet.models import SpecialDay, Store, Tag

FLEET = "fleet"
SCOPE_PATTERN = r"fleet|(tag|store):.+"


class UnknownScope(Exception):
    """There is no such store or tag; the text says which, for people."""


class Scope(NamedTuple):
    """A store, a tag, or neither for the whole fleet."""

    store: Store | None = None
    tag: Tag | None = None

    @property
    def rows(self) -> Q:
        """The condition that a special day is of this scope, not of one around it."""
        return Q(store=self.store, tag=self.tag)

    def __str__(self) -> str:
        if self.store is not None:
            return f"store:{self.store.store_id}"
        return FLEET if self.tag is None else f"tag:{self.tag.name}"


def scope_of(day: SpecialDay) -> Scope:
    """Return the scope of a row; read the row with its store and tag."""
    return Scope(store=day.store, tag=day.tag)


def parse_scope(text: str) -> Scope:
    """Return the scope of a text that matches ``SCOPE_PATTERN``; raises UnknownScope."""
    kind, _, name = text.partition(":")
    name = name.strip()
    if kind == FLEET:
        return Scope()
    if kind == "store":
        store = Store.objects.filter(store_id=name).first()
        if store is None:
            raise UnknownScope(f"There is no store {name[:100]!r}.")
        return Scope(store=store)
    tag = Tag.objects.filter(name=name).first()
    if tag is None:
        raise UnknownScope(f"There is no tag {name[:100]!r}.")
    return Scope(tag=tag)
