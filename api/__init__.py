"""HTTP: routes, dependencies, errors to JSON, security and settings; serves the pages."""
