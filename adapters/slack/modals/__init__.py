"""Windows and pages that one person sees."""
