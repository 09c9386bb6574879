"""Stores, business hours and polls, and how they come in."""
