"""The posting half of a platform."""
