"""Failed log-ins: how many there were, and for how long the account is locked after them."""
