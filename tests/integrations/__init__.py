"""What stands behind the ports, without leaving the machine."""
