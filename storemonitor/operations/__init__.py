"""What operators look at: the home page, health, workers, queues and tables."""
