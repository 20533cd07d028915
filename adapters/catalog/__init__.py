"""`threadwork.yaml`: read, checked as a whole, and served."""
