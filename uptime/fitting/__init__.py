"""Business hours that look wrong, and the hours that would fit what was polled."""
