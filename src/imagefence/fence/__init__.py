"""From a Scope to policies in force: documents, plan, apply, status, remove."""
