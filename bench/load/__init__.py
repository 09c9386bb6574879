"""What one machine bears: a million stores, a thousand waiting clients, a week of hours."""
