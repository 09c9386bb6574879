"""Files that wait for a worker: kept, queued, claimed, in order."""
