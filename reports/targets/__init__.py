"""What targets come to in the database's polls."""
