"""The bot's side of chat: what people say and do on any platform, and what they are told."""
