"""Sockets: they produce bytes, and carry out what the script wanted sent."""
