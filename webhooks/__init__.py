"""Webhooks: signed POSTs to receivers when a report ends."""
