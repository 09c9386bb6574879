"""The data: stores, their business hours and time zones, polls; storage and editing."""
