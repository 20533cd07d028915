"""What chat platforms have in common. Nothing here knows any of them."""
