"""Tools: MCP servers, and a small one of our own."""
