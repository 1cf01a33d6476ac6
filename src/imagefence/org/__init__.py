"""The directory and the identities of accounts as values, and the policies in force for a principal."""
