"""Stores over HTTP: list, view, change, delete.

If-Match and If-None-Match prevent overwriting another client's changes. The ETag of a store covers
what PUT and PATCH change, not polls. So it does not help caches, which are told to revalidate
anyway.
"""

from typing import TYPE_CHECKING, Any, NoReturn

from django.http import Http404
from django.utils.http import parse_etags, quote_etag
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.errors.problems import UNUSABLE
from api.pagination import CursorPages
from api.views import Endpoints
from feeds.values import BadValue
from fleet.editing import Changed, delete_store, edit_store, put_store, state
from fleet.models import Store
from stores.http import schema
from stores.http.problems import StoreChanged
from stores.http.queries import LimitedPageQuery, StoreQuery
from stores.http.serializers import (
    PollSerializer,
    SettingsSerializer,
    StoreDetailSerializer,
    StoreSerializer,
)
from stores.selectors import matching_stores, polls_of

if TYPE_CHECKING:
    from rest_framework.request import Request


NO_STORE = "There is no such store."
ANY = "*"


class _Pages(CursorPages):
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000


class ById(_Pages):
    """Stores in the database's order of their ids."""

    ordering = ("store_id",)


class NewestPollFirst(_Pages):
    """Polls of one store, at most one per instant."""

    ordering = ("-polled_at",)


class StoreViewSet(Endpoints[Store]):
    """Stores."""

    tag = schema.TAG
    missing = NO_STORE
    queryset = Store.objects.all()
    serializer_class = StoreSerializer
    pagination_class = ById
    queries = {"list": StoreQuery}
    scopes = {
        "list": "read",
        "retrieve": "read",
        "update": "admin",
        "partial_update": "admin",
        "destroy": "admin",
    }

    @schema.stores_list
    def list(self, request: "Request") -> Response:
        """Return one page of stores."""
        return self.page(matching_stores(self.query))

    @schema.stores_retrieve
    def retrieve(self, request: "Request", store_id: str) -> Response:
        """Return one store."""
        return self._told(found(store_id))

    @schema.stores_update
    def update(self, request: "Request", store_id: str) -> Response:
        """Replace all settings of a store, or create it."""
        body = _valid(SettingsSerializer(data=request.data))
        try:
            _, made = put_store(
                store_id, body.settings, seen=_seen(request), must_be_new=_must_be_new(request)
            )
        except BadValue as error:
            problem = {"store_id": f"{store_id[:100]!r} {error}."}
            raise ValidationError(problem, code=UNUSABLE) from error
        except Changed as error:
            raise StoreChanged from error
        return self._told(found(store_id), 201 if made else 200)

    @schema.stores_partial_update
    def partial_update(self, request: "Request", store_id: str) -> Response:
        """Change some settings of a store."""
        body = _valid(SettingsSerializer(data=request.data, partial=True))
        try:
            edit_store(store_id, body.settings, seen=_seen(request))
        except Store.DoesNotExist:
            _not_there()
        except Changed as error:
            raise StoreChanged from error
        return self._told(found(store_id))

    @schema.stores_destroy
    def destroy(self, request: "Request", store_id: str) -> Response:
        """Delete a store with all its data."""
        try:
            delete_store(store_id, seen=_seen(request))
        except Store.DoesNotExist:
            _not_there()
        except Changed as error:
            raise StoreChanged from error
        return Response(status=204)

    def _told(self, store: Store, status: int = 200) -> Response:
        context = self.get_serializer_context()
        data = StoreDetailSerializer(store, context=context).data
        headers = {"ETag": quote_etag(state(store))}
        if status == 201:
            headers["Location"] = str(data["url"])
        return Response(data, status, headers=headers)


class StorePollViewSet(Endpoints[Any]):
    """The polls of one store."""

    tag = schema.TAG
    missing = NO_STORE
    serializer_class = PollSerializer
    pagination_class = NewestPollFirst
    queries = {"list": LimitedPageQuery}
    scopes = {"list": "read"}

    @schema.store_polls
    def list(self, request: "Request", store_id: str) -> Response:
        """Return one page of polls, newest first."""
        return self.page(polls_of(self.found(Store.objects.all(), store_id=store_id)))


def found(store_id: str) -> Store:
    """Return a store with everything shown about it except polls; raises Http404."""
    stores = Store.objects.prefetch_related("tags", "business_hours")
    store = stores.filter(store_id=store_id).first()
    return store or _not_there()


def _not_there() -> NoReturn:
    raise Http404(NO_STORE)


def _seen(request: "Request") -> "frozenset[str] | None":
    """Return the ETags that the client knows, one of which must match.

    ``ANY`` among them matches any state; None means no check.
    """
    said = request.headers.get("If-Match")
    return None if said is None else frozenset(tag.strip('"') for tag in parse_etags(said))


def _must_be_new(request: "Request") -> bool:
    """Tell whether the client wants nothing done if the store already exists."""
    return ANY in parse_etags(request.headers.get("If-None-Match", ""))


def _valid(body: SettingsSerializer) -> SettingsSerializer:
    body.is_valid(raise_exception=True)
    return body
