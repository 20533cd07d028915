"""A task at the terminal: what is shown, typed and answered."""
