"""Anonymous access under ``./run``: this machine's users, and no others."""

import pytest

from storemonitor.launch import launcher
from storemonitor.launch.anonymous import default_scopes

ALL = {"ANONYMOUS_SCOPES": "read,ingest,admin"}


@pytest.fixture(autouse=True)
def _not_settled(monkeypatch, settings):
    monkeypatch.delenv("ANONYMOUS_SCOPES", raising=False)
    settings.ANONYMOUS_SCOPES, settings.HTTPS, settings.TRUSTED_PROXIES = [], False, 0


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_it_lets_everybody_in_where_only_this_machine_comes(host):
    assert default_scopes(host, behind_proxy=False) == ALL


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "monitor.example.com"])
def test_it_lets_nobody_in_where_others_come(host):
    assert default_scopes(host, behind_proxy=False) == {}


@pytest.mark.parametrize("said", ["", "read"])
def test_it_leaves_alone_what_somebody_has_settled(monkeypatch, said):
    monkeypatch.setenv("ANONYMOUS_SCOPES", said)
    assert default_scopes("127.0.0.1", behind_proxy=False) == {}


@pytest.mark.parametrize("proxied", [{"HTTPS": True}, {"TRUSTED_PROXIES": 1}])
def test_it_lets_nobody_in_behind_a_proxy(settings, capsys, proxied):
    assert launcher._openness("127.0.0.1") == ALL
    for name, value in proxied.items():
        setattr(settings, name, value)
    assert launcher._openness("127.0.0.1") == {}
    assert "by token" in capsys.readouterr().out
