"""A live web page of the studies of a workspace; it looks, and changes nothing."""
