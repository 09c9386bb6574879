"""One message to one receiver: its address, payload, signature and POST."""
