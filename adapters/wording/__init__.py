"""Words that every surface shares."""
