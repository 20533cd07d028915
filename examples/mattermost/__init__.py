"""A third chat platform, small and whole."""
