"""Compiled kernels of the elimination, one cell in each vector lane (numba, LLVM)."""
