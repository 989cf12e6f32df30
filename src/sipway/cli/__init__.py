"""The command ``sipway``: reads what the user typed, calls the server, shows what it says."""
