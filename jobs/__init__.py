"""Work that is a row: claimed by one worker, leased, retried, given up, never lost."""
