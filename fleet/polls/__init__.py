"""How polls are kept: partitions, bulk writes, indexes, columns read through Arrow, retention."""
