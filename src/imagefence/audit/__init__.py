"""Every instance against the scope: findings, and what could not be judged."""
