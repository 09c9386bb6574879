"""docs/configuration.md lists every setting, and only settings that exist."""

import re

from tests.paths import ROOT


def read_by_settings() -> set[str]:
    text = "".join(path.read_text() for path in (ROOT / "storemonitor").rglob("*.py"))
    names = re.findall(
        r"""(?:env\.\w+|os\.environ\.get|_number|scopes|networks|with_password)\(\s*["']([A-Z0-9_]+)["']""",
        text,
    )
    secrets = re.findall(r"""\bsecret\(["']([A-Z0-9_]+)["']\)""", text)
    return {*names, *secrets, *(f"{name}_FILE" for name in secrets)}


def listed_in_the_docs() -> set[str]:
    text = (ROOT / "docs/configuration.md").read_text()
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, flags=re.MULTILINE))


def test_it_documents_every_variable_that_the_settings_read() -> None:
    assert read_by_settings() - listed_in_the_docs() == set()


def test_it_documents_no_variable_that_nothing_reads() -> None:
    assert listed_in_the_docs() - read_by_settings() == set()
