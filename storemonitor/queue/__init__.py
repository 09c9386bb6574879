"""The queue: a folder in the place of a broker, results, and the schedule of sweeps."""
