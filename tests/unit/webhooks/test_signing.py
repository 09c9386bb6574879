"""Secrets and signatures of webhooks."""

import base64

from tests.receiver import Received, verify
from webhooks.sending import signing


def message(seed, body=b'{"type":"ping"}', *, timestamp=1_700_000_000):
    signature = signing.signature(seed, "msg", timestamp, body)
    headers = {
        "webhook-id": "msg",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
    return Received("/", headers, body)


def test_it_signs_so_that_an_independent_reader_of_the_specification_agrees():
    seed = signing.new_seed()
    assert verify(signing.secret_of(seed), message(seed), at=1_700_000_010)


def test_it_signs_body_and_instant():
    seed = signing.new_seed()
    secret, signed = signing.secret_of(seed), message(seed)
    assert not verify(secret, Received("/", signed.headers, b"{}"), at=1_700_000_010)
    moved = {**signed.headers, "webhook-timestamp": "1700000001"}
    assert not verify(secret, Received("/", moved, signed.body), at=1_700_000_010)
    assert not verify(secret, signed, at=1_700_001_000)


def test_it_gives_each_seed_a_secret_of_32_bytes():
    one, other = (signing.secret_of(signing.new_seed()) for _ in range(2))
    assert one != other
    assert one.startswith("whsec_")
    assert len(base64.b64decode(one.removeprefix("whsec_"), validate=True)) == 32


def test_it_makes_a_secret_that_the_database_alone_does_not_give_away(settings):
    seed = signing.new_seed()
    here = signing.secret_of(seed), signing.check_value(seed)
    settings.SECRET_KEY = "another installation's key"
    there = signing.secret_of(seed), signing.check_value(seed)
    assert here[0] != there[0]
    assert here[1] != there[1]
    assert here[1] not in here[0]
