"""Reports over HTTP."""

# The number of listeners to events in each process of the web server; each occupies a thread.
# It is here because the server reads it before Django is set up.
MOST_LISTENERS = 8
