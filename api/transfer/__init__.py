"""Bodies in and files out: their size, ranges, compression."""
