"""Names that attack whatever shows them, and what is looked for in what shows them."""

import csv
import io
import zipfile
from html.parser import HTMLParser

NAMES = {
    "tag": "<x-evil onx=1></textarea></script></svg><x-evil>",
    "template": "{{ 70070000|add:7 }}{% now 'Y' %}${70070000+7}",
    "script": "\"><script>alert('x')</script>",
    "attribute": "' onmouseover=alert(1) x='\" onfocus=alert(1) y=\"",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab formula": "\t=1+1",
    "terminal": "\x1b[2J\x1b]0;evil\x07\x9b2J",
    "lines": "a\r\nSet-Cookie: evil=1\r\n\r\n2026-01-01 00:00:00,000 INFO evil forged",
    "separators": "a\u2028b\u2029c\x0bd\x0ce",
    "bidi": "\u202eevil\u2066\u200b",
    "format": "%s%n%(x)s{0}{x!r}",
    "path": "../../etc/passwd",
    "percent": "%00%0d%0aSet-Cookie:%20evil=1",
    "javascript": "javascript:alert(1)",
    "quotes": "'\"`;--\\",
    "long": "<x-evil>" * 1280,
}
_OURS = ("/static/", "/admin/jsi18n/", "/docs")
_RUN = "=+-@\t\r"


class _Reader(HTMLParser):
    """Collects what would run in a browser."""

    def __init__(self):
        super().__init__()
        self.faults = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in {"x-evil", "iframe", "object", "embed", "base"}:
            self.faults.append(tag)
        if tag == "script" and not given.get("src", "").startswith(_OURS):
            is_data = given.get("type") == "application/json"
            self.faults += [] if is_data else [f"script {given}"]
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on"):
                self.faults.append(f"{tag} {name}")
            if name in {"href", "src", "action"} and address.startswith(("javascript:", "data:")):
                self.faults.append(f"{tag} {name}={value}")


def faults_of_page(page):
    """Return what a page would run, and whether it has rendered a template in a name."""
    reader = _Reader()
    reader.feed(page)
    rendered = ["template"] if "70070007" in page else []
    return [*reader.faults, *rendered]


def faults_of_csv(text):
    """Return the cells that a spreadsheet would run."""
    return [
        cell for row in csv.reader(io.StringIO(text)) for cell in row if cell[:1] in _RUN and cell
    ]


def faults_of_workbook(content):
    """Return the formulas and links of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        texts = {name: parts.read(name).decode() for name in parts.namelist()}
    return [name for name, text in texts.items() if "<f>" in text or "<hyperlink" in text]


def faults_of_log(text):
    """Return the lines that are no whole record, or contain what does not print."""
    lines = text.removesuffix("\n").split("\n")
    whole = ("RECORD ", "    ")
    return [line for line in lines if not line.startswith(whole) or not line.isprintable()]
