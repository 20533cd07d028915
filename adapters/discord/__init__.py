"""Discord: cards out, what people do in."""
