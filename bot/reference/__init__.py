"""What may be configured, told from the shapes: a JSON Schema for editors, and a page for people."""
