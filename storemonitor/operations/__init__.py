"""Pages and data for operators: home page, health, workers, queues, tables."""
