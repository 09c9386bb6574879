"""The kinds of reports: what their rows are. No Django: `./run report DIR` uses them too."""
