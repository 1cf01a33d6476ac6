"""One declaration per cloud operation, as data."""
