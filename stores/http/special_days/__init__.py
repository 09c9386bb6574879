"""Special days over HTTP."""
