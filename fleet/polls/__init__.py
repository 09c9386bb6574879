"""Storage of polls: partitions, bulk writes, indexes, reading through Arrow, retention."""
