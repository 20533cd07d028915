"""What you can build on Threadwork. Each runs in a test."""
