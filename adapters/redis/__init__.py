"""Hints, rates and presence, shared through Redis."""
