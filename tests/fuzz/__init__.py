"""Hostile input: what must not crash, hang or grow faster than it is long."""
