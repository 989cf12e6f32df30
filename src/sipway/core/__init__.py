"""The runtime of compiled routing scripts: what a message's processing works on."""
