"""The data: stores, their business hours and time zones, polls; how they are kept and edited."""
