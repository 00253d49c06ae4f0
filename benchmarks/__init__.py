"""Measures how fast the program is, and asserts nothing. `python -m benchmarks.run`."""
