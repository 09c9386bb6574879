"""How near the numbers are to the truth, on made-up stores whose outages are known."""
