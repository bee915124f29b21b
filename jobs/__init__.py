"""Things that happen by themselves: by the clock, or because a row waits. They reach storage and vendors as ports."""
