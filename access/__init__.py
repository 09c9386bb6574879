"""Access control: tokens, groups, scopes, rate limits and the audit log."""
