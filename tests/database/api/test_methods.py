"""Methods that no endpoint has, and the one that asks which there are."""

import pytest

ADDRESSES = [
    "/trigger_report",
    "/get_report?format=csv",
    "/api/v1/reports/",
    "/api/v1/polls/",
    "/api/v1/ingestions/?feed=status",
    "/api/v1/stores/",
    "/api/v1/stores/12/",
]
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_names_the_methods(client, address):
    response = client.options(address)
    assert (response.status_code, response.content) == (204, b"")
    assert "OPTIONS" in response.headers["Allow"]


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/v1/reports/?unknown=1"])
def test_it_says_405_to_other_methods_whatever_else_is_wrong(client, address):
    response = client.trace(address)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert "OPTIONS" in response.headers["Allow"]
