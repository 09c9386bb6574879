"""Django's PostgreSQL backend over connections that notice a server that hangs."""
