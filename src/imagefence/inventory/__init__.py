"""What is there: accounts, regions, images, instances, identities and the directory, with what could not be read."""
