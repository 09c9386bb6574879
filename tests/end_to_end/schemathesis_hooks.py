"""Teaches schemathesis to send lines of JSON."""

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines_of_json(context, value):
    return {"data": value if isinstance(value, bytes) else str(value).encode()}
