"""Dispute packs: the rows of chosen stores in a report, and all that the other side needs."""
