"""A worker whose Redis hangs must neither wait for long nor go deaf."""

from types import SimpleNamespace

import pytest
from kombu import Connection
from kombu.transport import redis
from redis.exceptions import ConnectionError  # noqa: A004 - as Redis calls it
from redis.exceptions import TimeoutError as HangsError

from storemonitor.celery import app
from storemonitor.queue.redis_transport import Channel, QoS, Transport


@pytest.mark.parametrize("done", ["ack", "reject"])
def test_a_message_that_could_not_be_confirmed_does_not_count_as_taken(monkeypatch, done):
    def hangs(*_):
        raise HangsError("Timeout reading from socket")

    monkeypatch.setattr(redis.QoS, "_remove_from_indices", hangs)
    taken = QoS(SimpleNamespace(do_restore=False), prefetch_count=1)
    taken._quick_append("a tag", "a message")
    assert not taken.can_consume()

    with pytest.raises(HangsError):
        getattr(taken, done)("a tag")

    assert taken.can_consume()


@pytest.mark.parametrize(("in_event_loop", "times"), [(False, 2), (True, 1)])
def test_only_a_senders_closed_connection_is_tried_again(monkeypatch, in_event_loop, times):
    monkeypatch.setattr(Channel, "__init__", lambda self: None)
    channel = Channel()
    channel.connection = SimpleNamespace(client=Connection("redis://localhost"), default_port=6379)
    retry = channel._connparams(asynchronous=in_event_loop)["retry"]
    tried = []

    def fails(error):
        tried.append(error)
        raise error

    for error in (ConnectionError("closed"), HangsError("hangs")):
        with pytest.raises(type(error)):
            retry.call_with_retry(lambda error=error: fails(error), lambda _: None)
    assert [type(error) for error in tried] == [*[ConnectionError] * times, HangsError]


def test_it_is_the_transport_of_a_broker_on_redis():
    with Connection("redis://localhost/0", transport=Transport) as connection:
        assert connection.transport.driver_type == "redis"
    told = "storemonitor.queue.redis_transport:Transport"
    assert (app.conf.broker_transport == told) == app.conf.broker_url.startswith("redis")
