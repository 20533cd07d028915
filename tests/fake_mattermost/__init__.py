"""Mattermost as far as cards, and people in their threads, need it, over real sockets."""
