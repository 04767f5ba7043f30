"""What was published is registered: datasets in a registry, their public addresses, and whether they arrived."""
