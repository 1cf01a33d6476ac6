"""The rows of the table of roads, by what they lead to; `scope/roads.py` puts them together."""
