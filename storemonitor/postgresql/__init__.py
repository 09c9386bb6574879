"""Django's PostgreSQL, over connections that notice a server which says nothing any more."""
