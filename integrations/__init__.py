"""The outside world, one folder a vendor; each speaks the words of the ports it stands behind."""
