import os

from storemonitor.queue_folder import KEPT_SECONDS, prune

NOW = 1_700_000_000.0


def test_it_removes_messages_that_were_taken_long_ago_and_no_others(tmp_path, settings):
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"processed_folder": str(tmp_path)}
    for name, age in (("old", KEPT_SECONDS + 1), ("new", KEPT_SECONDS - 1)):
        path = tmp_path / name
        path.touch()
        os.utime(path, (NOW - age, NOW - age))
    assert prune(NOW) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_it_does_nothing_where_there_is_a_broker(settings):
    settings.CELERY_BROKER_URL = "redis://localhost:6379/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    assert prune() == 0
