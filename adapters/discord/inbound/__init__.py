"""What people do in Discord, from the gateway to the listener and back."""
