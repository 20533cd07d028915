"""What people want, from the stored command to what became of it."""
