"""Mutation testing of the policy core."""
