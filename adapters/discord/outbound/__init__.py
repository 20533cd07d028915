"""What posting a card takes beside the call: where it stands, finding it again, files, the state on the root."""
