"""What posting a card takes beside the call: finding it again, files, the state on the root message."""
