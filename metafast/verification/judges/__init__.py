"""Finite-element programs from outside that solve the same pixels."""
