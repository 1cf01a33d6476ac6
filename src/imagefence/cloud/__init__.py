"""The tool's side of the cloud: the only room that imports the vendor's core client."""
