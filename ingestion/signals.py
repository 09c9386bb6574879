"""Signals about the data for other apps."""

from django.dispatch import Signal

# Sent inside the transaction that removes the sample, after real rows have replaced it. Receivers
# remove what was made from the sample; an exception rolls everything back.
sample_removed = Signal()
