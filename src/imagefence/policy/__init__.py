"""The policy language and its evaluation: pure, no I/O, no clock, no third-party package."""
