import os
import socket

import pytest

from storemonitor.launch.folder import InUse, free_port, taken


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_it_takes_the_wanted_port_where_it_is_free(listener):
    port = listener.getsockname()[1]
    listener.close()
    assert free_port("127.0.0.1", port) == port


def test_it_takes_the_next_port_where_one_is_taken(listener):
    port = listener.getsockname()[1]
    assert free_port("127.0.0.1", port) > port


def test_it_names_an_address_that_is_not_of_this_machine():
    with pytest.raises(InUse, match=r"Cannot listen on port 8000 of 192\.0\.2\.1"):
        free_port("192.0.2.1", 8000)


def test_it_lets_nobody_else_into_a_folder_that_is_being_served(tmp_path):
    with taken(tmp_path) as folder:
        folder.serve_at("http://127.0.0.1:8000")
        words = f"in use by a server at http://127.0.0.1:8000, process {os.getpid()}"
        with pytest.raises(InUse, match=words), taken(tmp_path):
            pass
    with taken(tmp_path):
        pass


def test_it_keeps_the_folder_while_an_heir_of_the_handle_lives(tmp_path):
    with taken(tmp_path) as folder:
        heir = os.dup(folder.handle)
    try:
        with pytest.raises(InUse), taken(tmp_path):
            pass
    finally:
        os.close(heir)
