"""The audit log: what each request or command changed."""
