"""docs/api.md tells receivers how to check a signature, and that works."""

import re
import time

from tests.paths import ROOT
from webhooks.sending import signing

DOCUMENT = (ROOT / "docs" / "api.md").read_text()


def test_its_example_tells_genuine_messages_from_others():
    told = {}
    exec(re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[1], told)
    seed, body, now = signing.new_seed(), b'{"type":"ping"}', int(time.time())
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,other {signing.signature(seed, '1', now, body)}",
    }
    old = {
        **headers,
        "webhook-timestamp": str(now - 301),
        "webhook-signature": signing.signature(seed, "1", now - 301, body),
    }
    secret, is_genuine = signing.secret_of(seed), told["is_genuine"]

    assert is_genuine(secret, headers, body)
    assert not is_genuine(secret, headers, body + b" ")
    assert not is_genuine(secret, old, body)
    assert not is_genuine(signing.secret_of(signing.new_seed()), headers, body)
