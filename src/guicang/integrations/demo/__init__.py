"""A demo company with six months behind it, made by the real steps."""

from guicang.integrations.demo.filling import SEED, is_empty, load, logins, shopper

__all__ = ["SEED", "is_empty", "load", "logins", "shopper"]
