"""Findings put right: a plan to review, and a journalled apply that can go on after a kill."""
