"""What a caller is told when a request fails: problem details, and which faults become which."""
