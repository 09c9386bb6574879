"""The OpenAPI document itself: whole, valid, and true about errors."""

import re

import jsonschema
import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from api.errors.details import MEDIA_TYPE, kinds
from tests.paths import ROOT

pytestmark = pytest.mark.one_database

DOCUMENTATION = (ROOT / "docs" / "api.md").read_text()
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document():
    return Client().get("/api/schema", {"format": "json"}).json()


@pytest.fixture(scope="module")
def operations(document):
    return [one for item in document["paths"].values() for one in item.values()]


def test_it_is_openapi(document):
    assert document["openapi"].startswith("3.1.")
    validate_schema(document)
    assert all(set(item) <= METHODS for item in document["paths"].values())


def test_each_call_has_a_name_of_its_own_a_summary_and_a_place(document, operations):
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names) > 40
    tags = {tag["name"] for tag in document["tags"]}
    for one in operations:
        assert re.fullmatch(r"[a-z_]+", one["operationId"])
        assert one["summary"], one["operationId"]
        assert len(one["tags"]) == 1, one["operationId"]
        assert tags.issuperset(one["tags"]), one["operationId"]


def test_each_call_says_who_may_and_how_it_is_refused(document, operations):
    schemes = document["components"]["securitySchemes"]
    assert {scheme["type"] for scheme in schemes.values()} == {"http", "apiKey"}
    for one in operations:
        if one["operationId"] in {"healthz", "readyz"}:
            assert "security" not in one
            continue
        assert one["security"] == [{"token": []}, {"session": []}], one["operationId"]
        assert {"400", "401", "403", "406", "429", "503"} <= set(one["responses"])
        if "requestBody" in one:
            assert {"413", "415", "422"} <= set(one["responses"])


def test_each_error_is_one_that_is_written_down(operations):
    known = {kind.code: kind.status for kind in kinds()}
    for one in operations:
        for status, answer in one["responses"].items():
            if int(status) < 400 or one["operationId"] == "healthz":
                continue
            assert list(answer["content"]) == [MEDIA_TYPE], one["operationId"]
            for example in answer["content"][MEDIA_TYPE]["examples"].values():
                problem = example["value"]
                assert known[problem["code"]] == problem["status"] == int(status), problem
                assert problem["detail"], one["operationId"]
                assert f"`{problem['code']}`" in DOCUMENTATION


def _bodies(operation):
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for answer in operation["responses"].values():
        yield from answer.get("content", {}).items()


def test_each_example_is_as_its_schema_says(document, operations):
    seen = 0
    for one in operations:
        for media_type, body in _bodies(one):
            schema = {"components": document["components"], **body["schema"]}
            for example in body.get("examples", {}).values():
                jsonschema.validate(
                    example["value"],
                    schema,
                    cls=jsonschema.Draft202012Validator,
                    format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
                )
                seen += 1
                assert media_type, one["operationId"]
    assert seen > 100
