"""Elimination plans: nested dissection, numbering, fronts and leaves, in NumPy tables."""
