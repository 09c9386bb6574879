"""From a path, an archive or a stream to decompressed bytes."""
