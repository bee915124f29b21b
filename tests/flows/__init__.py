"""The walks of the house, end to end: several processes, real HTTP, real sockets."""
