"""Code that follows from the description of the standard; see ``iati.standard.generate``."""
