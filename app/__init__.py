"""The composition root: settings, the ASGI application, the command line, and the servers behind `make run`."""
