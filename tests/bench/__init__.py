"""Measurements against baselines in the same run. They print ratios and never assert on absolute time."""
