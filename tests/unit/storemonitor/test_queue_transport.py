"""The queue in a folder: messages that are whole, folders that go, disks that are full."""

import shutil
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from storemonitor.queue.transport import Transport
from tests.no_room import no_room

FOLDERS = ("messages", "processed", "control")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "queue"


@pytest.fixture
def connection(folder):
    """The queue's folders as Celery would use them, not made yet."""
    messages, processed, control = (str(folder / name) for name in FOLDERS)
    options = {
        "data_folder_in": messages,
        "data_folder_out": messages,
        "store_processed": True,
        "processed_folder": processed,
        "control_folder": control,
    }
    # What a process has declared, it does not declare again.
    Transport.global_state.clear()
    with Connection(
        transport="storemonitor.queue.transport:Transport",
        transport_options=options,
    ) as connection:
        yield connection


@pytest.fixture
def queue(connection):
    return connection.SimpleQueue("sweep")


def send(connection, number):
    """Send as Celery does: past all exchanges."""
    connection.Producer().publish({"number": number}, routing_key="sweep")


def taken(queue):
    message = queue.get(block=False)
    message.ack()
    return message.payload


def test_it_gives_messages_in_the_order_in_which_they_were_sent(connection, queue):
    for number in range(20):
        send(connection, number)
    assert len(queue) == 20
    assert [taken(queue)["number"] for _ in range(20)] == list(range(20))
    with pytest.raises(Empty):
        queue.get(block=False)


@pytest.mark.parametrize("content", ["", '{"body": "W', "[]", "{}", '{"properties": {}}', "\xff"])
def test_it_sets_aside_what_cannot_be_read_and_goes_on(connection, queue, folder, content, caplog):
    send(connection, 1)
    send(connection, 2)
    first = min((folder / "messages").iterdir())
    first.write_bytes(content.encode("latin-1"))
    assert taken(queue) == {"number": 2}
    assert "set aside a message that cannot be read" in caplog.text
    assert (folder / "processed" / first.name).exists()
    assert not list((folder / "messages").iterdir())


def test_it_makes_folders_that_were_deleted_again(connection, queue, folder):
    send(connection, 1)
    shutil.rmtree(folder)
    with pytest.raises(Empty):
        queue.get(block=False)
    assert len(queue) == 0
    send(connection, 2)
    assert taken(queue) == {"number": 2}


def test_it_leaves_nothing_of_a_message_that_the_disk_has_no_room_for(connection, queue, folder):
    send(connection, 1)
    with no_room(64), pytest.raises(ChannelError, match="cannot be written"):
        send(connection, 2)
    [left] = (folder / "messages").iterdir()
    assert left.suffix == ".msg"
    assert taken(queue) == {"number": 1}


def test_it_starts_over_a_note_of_queues_that_a_full_disk_left_empty(connection, queue, folder):
    send(connection, 1)
    [note] = (folder / "control").iterdir()
    note.write_text("")
    Transport.global_state.clear()
    again = connection.SimpleQueue("sweep")
    assert taken(again) == {"number": 1}
    assert "sweep" in note.read_text()
