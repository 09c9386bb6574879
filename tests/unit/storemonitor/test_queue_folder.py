import os

from storemonitor.queue.folder import KEPT_SECONDS, prune

NOW = 1_700_000_000.0


def test_it_removes_messages_that_were_taken_long_ago_and_no_others(tmp_path, settings):
    settings.CELERY_BROKER_URL = "filesystem://"
    taken, waiting = tmp_path / "processed", tmp_path / "messages"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {
        "processed_folder": str(taken),
        "data_folder_out": str(waiting),
    }
    assert prune(NOW) == 0
    taken.mkdir()
    waiting.mkdir()
    old, new = KEPT_SECONDS + 1, KEPT_SECONDS - 1
    for path, age in {
        taken / "old.msg": old,
        taken / "new.msg": new,
        waiting / "old.msg": old,
        waiting / "old.msg.unfinished": old,
        waiting / "new.msg.unfinished": new,
    }.items():
        path.touch()
        os.utime(path, (NOW - age, NOW - age))
    assert prune(NOW) == 2
    assert {path.name for path in taken.iterdir()} == {"new.msg"}
    assert {path.name for path in waiting.iterdir()} == {"old.msg", "new.msg.unfinished"}


def test_it_does_nothing_where_there_is_a_broker(settings):
    settings.CELERY_BROKER_URL = "redis://localhost:6379/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    assert prune() == 0
