"""Pipes, which let through so much and no more: what `ratelimit` and `pipelimit` have in common."""
