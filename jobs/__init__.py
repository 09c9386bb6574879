"""Jobs: rows that one worker claims, with a lease; tried again, given up, never lost."""
