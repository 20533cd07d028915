"""Everything on one machine: servers and processes as supervised children."""
