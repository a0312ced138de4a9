"""Data that ships with the package; README.md in this folder has the commands that make it."""
