"""What activities, and the bot, need from the world, by neighbour. Adapters satisfy these by shape."""
