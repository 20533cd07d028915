"""Durable AI agents that work in your chat threads. The rooms stand at the top; links here give all one name."""
