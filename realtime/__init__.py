"""From a commit to a live listener: the relay, the channels, and who listens."""
