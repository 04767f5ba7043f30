"""What the world has: the published files as records to look through. Nothing here reads what is not published."""
