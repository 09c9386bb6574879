"""The page of the data: files to send, what became of them, and how far the feeds reach."""
