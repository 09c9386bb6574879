"""What the settings are made of: the environment, secrets, databases, media storage, log lines."""
