"""How much one sender may ask for: requests, log-ins, bodies."""
