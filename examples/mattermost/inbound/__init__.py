"""What people say and do in Mattermost, from the delivery to the receiver and back."""
