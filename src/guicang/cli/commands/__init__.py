"""One module a sub-command; see `guicang.cli.registry` for what it must offer."""
