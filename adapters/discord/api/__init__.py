"""How Discord is called: one try a call, at its pace."""
