"""Cards on a terminal."""
