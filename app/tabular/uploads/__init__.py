"""Tables handed in with a browser or over HTTP: checked first, stored when somebody says so, marked where they err."""
