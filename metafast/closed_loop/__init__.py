"""Designs corrected by what their pixels really do."""
