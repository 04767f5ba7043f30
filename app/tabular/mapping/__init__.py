"""Files of other systems: a mapping file says how their columns, codes and signs become ours."""
