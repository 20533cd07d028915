"""One whole run as people read it: `slack.txt` and `discord.txt`, made by the tests beside them."""
