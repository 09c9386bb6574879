"""When a store is open (rules 3 to 5)."""
