"""Mattermost's posts, as far as cards need them, over a real socket."""
