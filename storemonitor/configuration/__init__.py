"""What the settings are made of: the environment, databases, media storage, log lines."""
