"""Shared parts of all HTTP endpoints. Imports none of the apps that use it."""
