"""What is there: the fleet, the identities and the directory, each with what could not be read."""
