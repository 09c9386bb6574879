"""Webhooks: a signed POST to whoever asked to be told when a report ends."""
