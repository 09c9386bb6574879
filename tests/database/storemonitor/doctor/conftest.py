"""An installation with which nothing is wrong: a worker, a store polled just now, a report."""

import stat

import pytest
from django.utils import timezone

from fleet.models import TimeZone
from storemonitor.operations.heartbeats import Heartbeat
from tests.database.admin_pages import polled
from tests.database.answers import complete
from tests.database.storemonitor.doctor.asking import swept, weeks_dropped


@pytest.fixture
def healthy(settings, tmp_path):
    """The folder of an installation with which nothing is wrong."""
    folders = {name: tmp_path / "queue" / name for name in ("messages", "processed", "control")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        "processed_folder": str(folders["processed"]),
        "control_folder": str(folders["control"]),
    }
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.VAR_DIR = tmp_path
    key = tmp_path / "secret_key"
    key.write_text(settings.SECRET_KEY)
    for path, mode in ((tmp_path, stat.S_IRWXU), (key, stat.S_IRUSR | stat.S_IWUSR)):
        path.chmod(mode)
    weeks_dropped()
    polled("a", timezone.now(), time_zone=TimeZone.objects.get(name="Asia/Tokyo"))
    complete()
    (tmp_path / "media").chmod(stat.S_IRWXU)
    Heartbeat("celery@here", processes=1).beat()
    swept(1)
    yield tmp_path
    weeks_dropped()
