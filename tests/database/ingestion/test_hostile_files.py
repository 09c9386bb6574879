"""Files made to break a reader, through every door: refused with a sentence, nothing stored."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from fleet.models import Poll, Store
from ingestion.models import Ingestion
from ingestion.queue import queued
from reports.offline import command as offline
from tests.unit.feeds.hostile import CORPUS, refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("told")]
# A request with an empty body has no file.
REFUSED = [name for name in refused() if name != "nothing.csv"]


def by_command(client, path):
    with pytest.raises(CommandError):
        call_command("ingest", str(path))


def by_api(client, path):
    for address in ("/api/v1/polls/", "/api/v1/ingestions/", "/trigger_report"):
        answer = client.post(address, path.read_bytes(), content_type="application/octet-stream")
        assert (answer.status_code, answer.json()["code"]) == (400, "unusable_file"), answer.content


def by_form_of_the_api(client, path):
    form = {"file": SimpleUploadedFile(path.name, path.read_bytes())}
    assert client.post("/trigger_report", form).json()["code"] == "unusable_file"


def by_worker(client, path):
    answer = client.post(
        "/api/v1/ingestions/",
        path.read_bytes(),
        content_type="application/octet-stream",
        headers={"Prefer": "respond-async"},
    )
    assert answer.status_code in {202, 400}, answer.content


def by_page(client, path):
    form = {"uploads": [SimpleUploadedFile(path.name, path.read_bytes())], "whole": "True"}
    assert client.post("/data/", form).status_code < 500


def by_admin(client, path):
    form = {"uploads": [SimpleUploadedFile(path.name, path.read_bytes())], "whole": "True"}
    assert client.post("/admin/ingestion/ingestion/add/", form).status_code < 500


DOORS = [by_command, by_api, by_form_of_the_api, by_worker, by_page, by_admin]


@pytest.mark.parametrize("door", DOORS)
def test_it_stores_nothing_of_what_cannot_be_read(admin_client, door):
    for name in REFUSED:
        door(admin_client, CORPUS / name)
    for record in Ingestion.objects.filter(status="Queued").order_by("pk"):
        queued.ingest_upload(record.pk)
    told = Ingestion.objects.values_list("status", "error")
    assert all(status == "Failed" and error.isprintable() for status, error in told), told
    assert not Poll.objects.exists()
    assert not Store.objects.exists()


@pytest.mark.parametrize("name", REFUSED)
def test_the_report_without_a_server_refuses_it(name, tmp_path, capsys):
    (tmp_path / "files").mkdir()
    suffix = ".zip" if name.endswith(".zip") else ".csv"
    (tmp_path / f"files/hostile{suffix}").write_bytes((CORPUS / name).read_bytes())
    code = offline.main([str(tmp_path / "files"), "-o", str(tmp_path / "report.csv")])
    assert code != 0
    assert "Traceback" not in capsys.readouterr().err
    assert not (tmp_path / "report.csv").exists()
