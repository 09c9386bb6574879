"""Business hours that look wrong, over HTTP."""
