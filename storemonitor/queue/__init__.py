"""The queue: a folder as the broker, task results, and the schedule of sweeps."""
