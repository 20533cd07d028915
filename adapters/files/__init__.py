"""Files that people drop and tools return, as models take them."""
