"""The JSON API, as our own programs call it."""
