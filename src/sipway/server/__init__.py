"""The one place where rooms are wired together into a running server."""
