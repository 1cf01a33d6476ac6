"""The embedded, API-compatible Alibaba Cloud."""
