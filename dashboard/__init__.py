"""The dashboard: which stores are offline now, and why each number is what it is."""
