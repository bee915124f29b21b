"""What kinds of things are sold: the tree of categories."""
