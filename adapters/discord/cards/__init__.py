"""Cards as Discord's embeds and buttons."""
