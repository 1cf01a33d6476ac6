"""What a user approves and how it is fenced: `fence.yaml` as a value, and the roads to a bad launch."""
