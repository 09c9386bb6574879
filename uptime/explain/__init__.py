"""Why one store's numbers are what they are: openings, polls, spans and sums of each window."""
