import pytest

from tests import secret_scan
from tests.paths import ROOT

KEY = "AKIA" + "Z2XQ7WPL4JN5R8TC"


@pytest.mark.parametrize(
    "line",
    [
        f'ACCESS = "{KEY}"',
        "DATABASE_URL=postgres://app:" + "9vK3qLmX2p@db/app",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        'password = "' + 'tr0ub4dor-and-3"',
    ],
)
def test_it_finds_a_secret(tmp_path, line, capsys):
    (tmp_path / "notes.py").write_text(f"{line}\n")
    assert secret_scan.scanned([str(tmp_path / "notes.py")]) == 1
    assert "notes.py:1" in capsys.readouterr().out


def test_it_looks_at_every_file_that_git_would_commit():
    assert {"run", "docs/api.md", "tests/unit/test_secret_scan.py"} <= set(secret_scan.files(ROOT))
