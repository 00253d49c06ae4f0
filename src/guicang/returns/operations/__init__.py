"""What the steps share: locking a set of returns, and storing what changed of them."""
