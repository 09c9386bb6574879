"""Every kind of page in a real browser, as wide as a phone and as wide as a desk."""

import uuid

import pytest
from playwright.sync_api import expect

PAGES = {
    "board": "/",
    "list of stores": "/stores/",
    "one store": "/stores/{store_id}/",
    "explained numbers": "/stores/{store_id}/?why=last+week",
    "reports page": "/reports/",
    "one report": "/reports/{report}/",
    "data": "/data/",
    "one file": "/data/{ingestion}/",
    "rows of the heat map": "/heat-map/rows/",
    "sign-in": "/sign-in/",
    "home": "/admin/",
    "stores": "/admin/fleet/store/",
    "store": "/admin/fleet/store/{store}/change/",
    "polls": "/admin/fleet/pollrecord/",
    "special days": "/admin/fleet/specialday/",
    "special day": "/admin/fleet/specialday/add/",
    "holidays": "/admin/fleet/specialday/proposals/?country=US&region=TX&year=2026&scope=fleet",
    "exclusions": "/admin/fleet/exclusion/",
    "exclusion": "/admin/fleet/exclusion/add/",
    "reports": "/admin/reports/report/",
    "report": "/admin/reports/report/{report}/change/",
    "request": "/admin/reports/report/add/",
    "ingestions": "/admin/ingestion/ingestion/",
    "ingestion": "/admin/ingestion/ingestion/{ingestion}/change/",
    "upload": "/admin/ingestion/ingestion/add/",
    "schedule": "/admin/schedules/schedule/add/",
    "webhook": "/admin/webhooks/webhook/add/",
    "results of tasks": "/admin/django_celery_results/taskresult/",
    "audit entries": "/admin/access/auditentry/",
    "errors": "/docs/errors",
    "docs": "/docs",
}

PHONE, DESK = 390, 1440
FAULTY = """
<h1>One</h1><h1>Two</h1><input><svg></svg><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<p id="wide" style="color: red">Wide</p>
"""
# Only visible elements: hidden ones need no name.
FAULTS = """width => {
const shown = element => element.checkVisibility({visibilityProperty: true});
const every = selector => [...document.querySelectorAll(selector)].filter(shown);
const text = element => element
    ? [element.textContent, ...[...element.querySelectorAll('img')].map(one => one.alt)]
        .join(' ').trim()
    : '';
const named = element =>
    (element.getAttribute('aria-label') || '').trim()
    || (element.getAttribute('aria-labelledby') || '').split(' ')
        .map(id => text(document.getElementById(id))).join('').trim()
    || (element.title || '').trim();
const brief = element => element.outerHTML.slice(0, 150);
const faults = [];

const headings = every('h1').map(text);
if (headings.length !== 1) faults.push(`h1: ${JSON.stringify(headings)}`);

// A phone shows a page that is too wide smaller, so that its window says nothing.
const wide = document.documentElement.scrollWidth;
if (wide > width) faults.push(`wider than ${width} px: ${wide}`);

for (const image of every('img'))
    if (!image.hasAttribute('alt')) faults.push(`no alt: ${brief(image)}`);
for (const picture of every('svg')) {
    const control = picture.closest('button, a, summary');
    const silent = picture.closest('[aria-hidden="true"]') || !picture.clientWidth;
    if (!silent && !named(picture) && !text(picture.querySelector('title'))
        && !(control && (named(control) || text(control))))
        faults.push(`no text alternative: ${brief(picture)}`);
}
const buttons = '[type=hidden], [type=submit], [type=button]';
for (const input of every(`input:not(${buttons}), select, textarea`))
    if (!named(input) && ![...(input.labels || [])].map(text).join(''))
        faults.push(`no label: ${brief(input)}`);
return faults;
}"""


@pytest.fixture
def path(request, site):
    """The path of a kind of page, with existing keys."""
    [[report]] = site.query("SELECT id FROM reports_report LIMIT 1")
    [[store, store_id]] = site.query(
        "SELECT store_key, store_id FROM ingestion_store ORDER BY store_key LIMIT 1"
    )
    [[ingestion]] = site.query("SELECT min(id) FROM ingestion_ingestion")
    return PAGES[request.param].format(
        report=uuid.UUID(report), store=store, store_id=store_id, ingestion=ingestion
    )


@pytest.mark.parametrize("path", PAGES, indirect=True)
def test_it_shows_each_page_whole_and_names_what_is_on_it(page, path, resize, complaints):
    resize(DESK)
    page.goto(path)
    expect(page.locator(".loading-container")).to_have_count(0)
    assert page.evaluate("location.pathname + location.search") == path
    faults = {DESK: page.evaluate(FAULTS, DESK)}
    resize(PHONE)
    faults[PHONE] = page.evaluate(FAULTS, PHONE)
    assert faults == {DESK: [], PHONE: []}
    assert complaints == []


def test_it_finds_an_icon_without_a_page(page, complaints):
    page.goto("/favicon.ico")
    assert page.evaluate("document.documentElement.tagName") == "svg"
    assert complaints == []


def test_it_would_notice(page, resize, complaints):
    resize(PHONE)
    page.goto("/admin/")
    page.evaluate("faulty => { document.getElementById('content').innerHTML = faulty }", FAULTY)
    page.evaluate("document.getElementById('wide').style.width = '3000px'")
    found = [fault.partition(":")[0] for fault in page.evaluate(FAULTS, PHONE)]
    assert found == ["h1", "wider than 390 px", "no alt", "no text alternative", "no label"]
    assert any("Content Security Policy" in said for said in complaints)
