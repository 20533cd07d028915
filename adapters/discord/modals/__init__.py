"""Forms and answers that one person sees."""
