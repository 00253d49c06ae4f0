"""The verbs of a return, one file each. `returns/lifecycle.py` says when each may be used."""
