"""Who may do what: tokens, people's groups, scopes, rate limits, and the record of changes."""
