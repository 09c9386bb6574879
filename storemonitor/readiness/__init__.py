"""``/readyz``: whether the whole installation can do its work, part by part."""
