"""Kernels written once more, plainly, in NumPy: what the compiled loops are held against."""
