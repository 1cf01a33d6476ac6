"""Answers over every possible request: proven, or a request that gets past."""
