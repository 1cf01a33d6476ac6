"""The compiled decisions over Arrow record batches."""
