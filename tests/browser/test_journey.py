"""From an empty system to what changed between two reports, as somebody does it in a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.end_to_end.conftest import EMBEDDED, running
from tests.end_to_end.stack import Stack

UNTIL = "2024-03-13T18:13:22Z"


@pytest.fixture(scope="module")
def feeds(tmp_path_factory):
    """The files of a small fleet, names among them."""
    folder = tmp_path_factory.mktemp("feeds") / "files"
    made = Stack(folder.parent).manage(
        "sample_data", folder, "--stores=60", "--days=8", f"--until={UNTIL}"
    )
    assert made.returncode == 0, made.stderr
    return sorted(folder.glob("*.csv*"))


@pytest.fixture(params=["light", "dark"])
def visitor(request, browser, tmp_path):
    """A page of a browser that has been nowhere, and a system without data."""
    [resources_of] = EMBEDDED.values
    with running(resources_of, tmp_path) as stack:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{stack.port}",
            color_scheme=request.param,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        yield context.new_page(), stack
        context.close()


def check(page):
    """Fail for anything that a visitor with a screen reader, or with weak eyes, would miss."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


def test_from_nothing_to_what_changed(visitor, feeds):
    page, stack = visitor
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto("/")
    expect(page.get_by_role("heading", name="There is no data yet")).to_be_visible()
    check(page)
    page.get_by_label("Files", exact=True).set_input_files(feeds)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("list", name="Files sent").get_by_role("listitem")).to_have_count(
        len(feeds)
    )
    expect(page.get_by_text("Your files have arrived")).to_be_visible(timeout=60_000)
    page.goto("/data/")
    check(page)

    page.goto("/")
    expect(page.get_by_text("offline in open hours")).to_be_visible(timeout=60_000)
    expect(page.locator("#heat-map[data-drawn-ms]")).to_be_attached(timeout=30_000)
    check(page)

    store_id = worst_store_by_keyboard(page)
    check(page)
    read_a_span_and_check_its_sum(page, stack, store_id)

    page.goto("/stores/?sort=-down")
    check(page)
    page.get_by_label("Name or id").fill(store_id)
    expect(page.get_by_text("Stores 1 to 1 of 1")).to_be_visible()
    assert f"search={store_id}" in page.url

    first, second = (request_report(page, as_of) for as_of in ("2024-03-13T06:00:00", ""))
    assert first != second
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    content = download.value.path().read_bytes()
    assert content == stack.download(second)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("stores differ in")).to_be_visible()
    check(page)
    assert said == []


def worst_store_by_keyboard(page):
    """Open the worst store from the heat map without a mouse, and return its id."""
    page.locator("#heat-map .field").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Enter")
    expect(page.locator("#heat-rows")).to_be_visible()
    expect(page.locator("#heat-rows canvas:focus")).to_be_attached()
    page.keyboard.press("Enter")
    page.wait_for_url("**/stores/*/?at=*")
    return page.url.split("/stores/")[1].split("/")[0]


def read_a_span_and_check_its_sum(page, stack, store_id):
    page.locator(".slider").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#span-details")).to_contain_text("Why: ")
    number = page.locator('.mark[data-what="Down in the last week"]')
    number.click()
    expect(page.locator("#sum")).to_contain_text("marked below")
    [week] = stack.get(f"/api/v1/stores/{store_id}/uptime/?windows=7d").json["windows"]
    assert number.get_attribute("data-sum") == str(week["down_us"])
    assert page.locator("#sum").get_attribute("data-sum") == str(week["down_us"])


def request_report(page, as_of):
    """Request a report, watch it until it is complete, and return its id."""
    page.goto("/reports/")
    if page.locator("details:not([open])").count():
        page.get_by_text("Request a report").click()
    page.get_by_label("As of (UTC)").fill(as_of)
    page.get_by_role("button", name="Request", exact=True).click()
    expect(page.get_by_role("heading", name="Download")).to_be_visible(timeout=60_000)
    return page.url.rstrip("/").rsplit("/", 1)[-1]
