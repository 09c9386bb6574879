"""Every process reads the settings first, and so keeps its data from other users."""

import os
import stat
import subprocess
import sys

import pytest

from tests.paths import ROOT


@pytest.mark.parametrize("before", [None, 0o755])
def test_it_keeps_folder_and_files_to_their_owner(tmp_path, before):
    folder = tmp_path / "var"
    if before:
        folder.mkdir()
        folder.chmod(before)
    script = "import storemonitor.settings; open('made', 'w').close()"
    environment = {**os.environ, "VAR_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    command = ["sh", "-c", f'umask 022; exec "{sys.executable}" -c "{script}"']
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert mode(folder) == 0o700
    assert mode(tmp_path / "made") == 0o600
    assert all(mode(path) & 0o077 == 0 for path in folder.rglob("*"))


def test_it_leaves_a_folder_that_many_write_to_as_it_is(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    environment = {**os.environ, "VAR_DIR": str(folder)}
    command = [sys.executable, "-c", "import storemonitor.settings"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    assert mode(folder) == 0o1777


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)
