"""Work that is a row: claimed by one worker, leased, tried again, given up, never lost."""
