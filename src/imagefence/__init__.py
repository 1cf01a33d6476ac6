"""imagefence: only approved images become instances on Alibaba Cloud."""

__version__ = "0.1.0"
