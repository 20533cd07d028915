"""What people do in Slack, from the delivery to the listener and back."""
