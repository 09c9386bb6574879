"""Reports over HTTP."""

# Who may listen to events at once, in each process of the web server; each keeps a thread busy.
# It is here because the server reads it before Django is set up.
MOST_LISTENERS = 8
