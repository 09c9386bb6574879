"""The results of targets over HTTP."""
