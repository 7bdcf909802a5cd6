"""The routes, one module a resource. They read like sentences: the work is in `api.views`."""
