"""A report's fingerprint and stamp are of the code that computed it."""

from reports.request import parameters
from reports.stamp import versions


def test_an_upgrade_on_disk_does_not_change_what_a_running_process_records(monkeypatch):
    def upgraded(_):
        raise AssertionError("what is on disk by now is not what computes")

    before = parameters.fingerprint(parameters.Parameters())
    monkeypatch.setattr(versions.Path, "read_bytes", upgraded)
    monkeypatch.setattr(versions, "version", upgraded)
    assert parameters.fingerprint(parameters.Parameters()) == before


def test_it_is_of_every_module_of_the_core(monkeypatch):
    read = []
    monkeypatch.setattr(versions.Path, "read_bytes", lambda path: read.append(path.name) or b"")
    versions._core_digest()
    assert {"summary.py", "hours.py", "bounds.py", "filling.py", "rounding.py"} <= {*read}
