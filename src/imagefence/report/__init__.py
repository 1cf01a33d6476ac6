"""Rendering: tables for the terminal, JSON for programs, self-contained HTML for people."""
