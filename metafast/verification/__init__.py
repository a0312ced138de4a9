"""Figures of a design checked: kinematics, laws, mesh levels and programs from outside."""
