"""What `threadwork doctor` looks at."""
