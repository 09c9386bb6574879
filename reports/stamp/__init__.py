"""The stamp of a report: by what it was made, and what has changed since."""
