"""Probes that settle the open readings on a user's own account."""
