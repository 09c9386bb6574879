"""What other apps may hear about the data."""

from django.dispatch import Signal

# Sent inside the transaction that removes the sample, after real rows have taken its place.
# Receivers remove what was made of the sample; one that raises keeps all of it as it was.
sample_removed = Signal()
