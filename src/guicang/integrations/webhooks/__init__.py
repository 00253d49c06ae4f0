"""What changed in returns, told to programs of others: signed, logged, retried, sent again on demand."""
