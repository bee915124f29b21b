"""Whatever anybody may send to a running API: each gets a typed answer, and none a fault of ours."""
