"""Golden images: find them by tag, show them, tag them, launch from them."""
