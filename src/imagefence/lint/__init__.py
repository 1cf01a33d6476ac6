"""What a policy's text and its attachments hardly mean as written."""
