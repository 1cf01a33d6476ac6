"""The decisions of `policy`, compiled: one bit a statement, one set of statements a distinct value."""
