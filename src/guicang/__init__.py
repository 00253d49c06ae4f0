"""Guicang 归仓: customer returns from the first question to the last booking."""

__version__ = "0.1.0"
