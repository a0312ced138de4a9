"""Pixel bodies at finite deformation: laws, elements, equilibria and load paths."""
