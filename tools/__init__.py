"""Small programs of `make check` and `make fix`."""
