"""People sign in by an OpenID Connect provider, whose groups decide what they may do."""

import html
import itertools
import re

import pytest
import requests

from tests.end_to_end.conftest import EMBEDDED, running
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, provider

PASSWORD = "a-long-password"
MAKE_USER = f"""
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("root", "root@example.com", password={PASSWORD!r})
"""
ANNA = {"sub": "248289761001", "preferred_username": "anna", "email": "anna@example.com"}


@pytest.fixture(scope="module")
def idp():
    with provider() as here:
        yield here


@pytest.fixture(scope="module")
def site(idp, tmp_path_factory):
    told = {
        "ANONYMOUS_SCOPES": "",
        "OIDC_ISSUER": idp.url,
        "OIDC_NAME": "Example & Sons",
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "OIDC_GROUPS": "staff=viewer, on call=operator, bosses=admin",
        "RATE_LIMIT_LOGIN": "3",
        "TRUSTED_PROXIES": "1",
    }
    [resources_of] = EMBEDDED.values
    folder = tmp_path_factory.mktemp("single_sign_on")
    with running(resources_of, folder, told, and_then=MAKE_USER) as stack:
        yield stack


class Visitor:
    """A browser that keeps cookies and fills in forms, on our server and the provider's.

    Each comes from an address of its own.
    """

    numbers = itertools.count(1)

    def __init__(self, site):
        self.session = requests.Session()
        self.address = f"192.0.2.{next(self.numbers)}"
        self.session.headers["X-Forwarded-For"] = self.address
        self.home = f"http://127.0.0.1:{site.port}"

    def get(self, path):
        return self.session.get(f"{self.home}{path}", timeout=30)

    def post(self, path, **fields):
        token = self.session.cookies["csrftoken"]
        return self.session.post(
            f"{self.home}{path}", data={"csrfmiddlewaretoken": token, **fields}, timeout=30
        )

    def sign_in(self, **fields):
        """Press the button of the provider and follow to the end."""
        self.get("/sign-in/")
        leaving = self.post("/sign-in/oidc/", **fields)
        found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', leaving.text)
        return self.session.get(html.unescape(found[1]), timeout=30) if found else leaving


@pytest.fixture
def visitor(site):
    return Visitor(site)


@pytest.fixture(autouse=True)
def agrees(idp):
    """The provider says that this is Anna, who is of the staff."""
    idp.person, idp.id_token, idp.error = {**ANNA, "groups": ["staff", "golf"]}, {}, ""
    idp.is_down = False


def groups_of(site, name):
    rows = site.query(
        "SELECT g.name FROM auth_user u JOIN auth_user_groups ug ON ug.user_id = u.id"
        f" JOIN auth_group g ON g.id = ug.group_id WHERE u.username = '{name}' ORDER BY g.name"
    )
    return [group for (group,) in rows]


def test_somebody_new_comes_in_with_the_rights_of_the_group(site, idp, visitor):
    assert "Sign in with <bdi>Example &amp; Sons</bdi>" in visitor.get("/sign-in/").text
    arrived = visitor.sign_in()
    assert (arrived.status_code, arrived.url) == (200, f"{visitor.home}/")
    assert "anna" in arrived.text
    assert groups_of(site, "anna") == ["viewer"]
    assert visitor.get("/api/v1/stores/").status_code == 200
    refused = visitor.session.post(
        f"{visitor.home}/api/v1/polls/",
        data=b"store_id,status,timestamp_utc\n",
        headers={"Content-Type": "text/csv", "X-CSRFToken": visitor.session.cookies["csrftoken"]},
        timeout=30,
    )
    assert refused.status_code == 403
    assert idp.asked[-1]["code_challenge_method"] == "S256"
    [(who, what)] = site.query(
        "SELECT who, what FROM access_auditentry WHERE what LIKE '%callback%' ORDER BY id LIMIT 1"
    )
    assert (who, what) == ("anna", "GET /sign-in/oidc/callback/")
    assert f"anna logged in from {visitor.address}" in (site.folder / "web.log").read_text()


def test_the_provider_decides_at_each_log_in_and_nothing_else_changes(site, idp, visitor):
    visitor.sign_in()
    idp.person["groups"] = "bosses"
    idp.person["email"] = "root@example.com"
    Visitor(site).sign_in()
    assert groups_of(site, "anna") == ["admin"]
    idp.person["groups"] = ["on call", "staff"]
    Visitor(site).sign_in()
    assert groups_of(site, "anna") == ["operator", "viewer"]
    [(accounts, supers)] = site.query("SELECT count(*), sum(is_superuser) FROM auth_user")
    assert (accounts, supers) == (2, 1)


def test_it_leads_back_to_the_page_that_was_wanted_and_nowhere_else(visitor, site):
    assert visitor.sign_in(next="/reports/").url == f"{visitor.home}/reports/"
    other = Visitor(site)
    assert other.sign_in(next="https://evil.example.com/").url == f"{other.home}/"


@pytest.mark.parametrize("groups", [[], ["golf"], None, {"staff": 1}, [["staff"]]])
def test_nobody_comes_in_without_a_group_of_ours(site, idp, visitor, groups):
    idp.person = {**ANNA, "sub": "stranger", "preferred_username": "stranger", "groups": groups}
    refused = visitor.sign_in()
    assert refused.url.endswith("/sign-in/?refused=no_group")
    assert "has no access here" in refused.text
    assert visitor.get("/api/v1/stores/").status_code == 401
    assert not site.query("SELECT 1 FROM auth_user WHERE username = 'stranger'")


def test_an_equal_name_or_e_mail_takes_over_no_account(site, idp, visitor):
    idp.person = {
        "sub": "impostor",
        "preferred_username": "root",
        "email": "root@example.com",
        "email_verified": True,
        "groups": ["staff"],
    }
    arrived = visitor.sign_in()
    assert arrived.url == f"{visitor.home}/"
    [(name, is_superuser)] = site.query(
        "SELECT u.username, u.is_superuser FROM auth_user u JOIN socialaccount_socialaccount s"
        " ON s.user_id = u.id WHERE s.uid = 'impostor'"
    )
    assert name != "root"
    assert not is_superuser


def test_a_disabled_account_stays_out_until_it_is_enabled(site, idp, visitor):
    idp.person = {**ANNA, "sub": "former", "preferred_username": "former", "groups": ["staff"]}
    visitor.sign_in()
    site.query("UPDATE auth_user SET is_active = 0 WHERE username = 'former'")
    assert visitor.get("/api/v1/stores/").status_code == 401
    assert Visitor(site).sign_in().url.endswith("?refused=disabled")


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another client"}, {"iss": "https://evil.example.com"}, {"exp": 1_700_000_000}],
    ids=["for another client", "by another issuer", "expired"],
)
def test_a_token_that_is_not_for_us_is_refused(idp, visitor, claims):
    idp.id_token = claims
    assert visitor.sign_in().url.endswith("?refused=failed")
    assert visitor.get("/api/v1/stores/").status_code == 401


def test_a_return_that_this_browser_did_not_start_is_refused(site, idp, visitor):
    idp.error = ""
    somebody = Visitor(site)
    somebody.get("/sign-in/")
    leaving = somebody.post("/sign-in/oidc/")
    address = html.unescape(re.search(r'content="0;url=([^"]+)"', leaving.text)[1])
    back = requests.get(address, allow_redirects=False, timeout=30).headers["Location"]
    assert visitor.session.get(back, timeout=30).url.endswith("?refused=failed")
    assert visitor.get("/api/v1/stores/").status_code == 401


def test_a_link_does_not_start_it_and_a_refusal_there_is_told(idp, visitor):
    asked = len(idp.asked)
    assert visitor.get("/sign-in/oidc/").url.endswith("/sign-in/")
    assert len(idp.asked) == asked
    idp.error = "access_denied"
    assert "was cancelled" in visitor.sign_in().text


@pytest.mark.parametrize("process", ["connect", "redirect"])
def test_nobody_is_added_to_the_account_that_is_signed_in(site, idp, visitor, process):
    visitor.get("/sign-in/")
    visitor.post("/sign-in/", username="root", password=PASSWORD)
    idp.person = {**ANNA, "sub": "guest", "groups": ["staff"]}
    assert visitor.sign_in(process=process).url.endswith("?refused=failed")
    assert not site.query("SELECT 1 FROM socialaccount_socialaccount WHERE uid = 'guest'")


def test_attempts_are_counted_by_address_alone(visitor, site):
    for _ in range(3):
        assert "refused" not in visitor.sign_in().url
    assert visitor.sign_in().url.endswith("?refused=too_often")
    assert "refused" not in Visitor(site).sign_in().url


@pytest.mark.parametrize(
    "claims", [{"sub": ""}, {"sub": "s" * 300}, None], ids=["empty", "too long", "none"]
)
def test_a_provider_that_does_not_say_who_it_is_signs_nobody_in(idp, visitor, claims):
    idp.person = {"groups": ["staff"], **(claims or {})}
    assert visitor.sign_in().url.endswith("?refused=failed")
    assert visitor.get("/api/v1/stores/").status_code == 401


def test_a_provider_that_goes_away_on_the_way_back_is_told(idp, visitor):
    visitor.get("/sign-in/")
    leaving = visitor.post("/sign-in/oidc/")
    idp.is_down = True
    address = html.unescape(re.search(r'content="0;url=([^"]+)"', leaving.text)[1])
    arrived = visitor.session.get(address, timeout=30)
    assert arrived.url.endswith("?refused=unreachable")
    assert "does not answer" in arrived.text


def test_accounts_with_a_password_come_in_as_before_from_one_form(visitor):
    wanted = visitor.get("/admin/fleet/store/")
    assert wanted.url.endswith("/sign-in/?next=%2Fadmin%2Ffleet%2Fstore%2F")
    arrived = visitor.post(
        "/sign-in/", username="root", password=PASSWORD, next="/admin/fleet/store/"
    )
    assert (arrived.status_code, arrived.url) == (200, f"{visitor.home}/admin/fleet/store/")


def test_without_the_provider_it_says_so_at_once(site, idp):
    """Last, since the provider's address changes for this test."""
    site.kill("web")
    site.start_web(OIDC_ISSUER="http://127.0.0.1:1")
    refused = Visitor(site).sign_in()
    assert refused.url.endswith("?refused=unreachable")
    assert "does not answer" in refused.text
