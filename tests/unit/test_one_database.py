"""Which tests of the database run on one alone, and that nothing in them depends on which."""

import re

import pytest

from tests.paths import ROOT

FOLDER = ROOT / "tests/database"
MARK = re.compile(r"\bone_database\b")
# Statements of one's own, questions for the database's name, what is done at the same time, and
# migrations.
DEPENDS = re.compile(r"\.vendor\b|\.cursor\(\)|\bexecute\(|\bat_once\b|\bmigrate\b")
# What each is about, which is decided before or after the database was asked.
ABOUT = {
    "access/everywhere/test_operations.py": "who may make a call",
    "access/everywhere/test_pages.py": "who may see a page",
    "access/test_admin.py": "pages of the admin",
    "access/test_body_limits.py": "how much of a body is read",
    "access/test_commands.py": "commands about tokens, and Django's own checks",
    "access/test_scopes.py": "who may do what",
    "access/test_sessions.py": "Django's sessions",
    "api/test_doc.py": "the examples of the API's documentation",
    "api/test_methods.py": "methods of addresses",
    "api/test_problems.py": "the form of errors",
    "api/test_schema.py": "the OpenAPI document",
    "api/test_service.py": "the OpenAPI document, headers and errors",
    "dashboard/test_errors.py": "pages of errors",
    "dashboard/test_sign_in.py": "the form to sign in",
    "reports/downloads/test_formats.py": "files made of a file",
    "reports/downloads/test_ranges.py": "parts of a file",
    "reports/downloads/test_unavailable.py": "files that cannot be had",
    "reports/test_object_storage.py": "objects in a bucket",
    "storemonitor/doctor/test_files.py": "files and disks",
    "storemonitor/doctor/test_redis.py": "a Redis",
    "storemonitor/doctor/test_settings.py": "settings",
    "storemonitor/hostile/test_sent.py": "names that attack pages, not databases",
    "storemonitor/hostile/test_shown.py": "pages that show hostile names",
    "storemonitor/test_admin_everywhere.py": "pages of the admin",
    "storemonitor/test_request_ids.py": "log lines and headers",
    "webhooks/test_admin.py": "pages of the admin",
}


def test_each_file_that_runs_on_one_database_is_named_with_what_it_is_about():
    marked = {
        str(path.relative_to(FOLDER))
        for path in FOLDER.rglob("*.py")
        if MARK.search(path.read_text())
    }
    assert marked == set(ABOUT)


@pytest.mark.parametrize("name", ABOUT)
def test_it_asks_the_database_nothing_that_another_could_answer_differently(name):
    assert DEPENDS.findall((FOLDER / name).read_text()) == []
