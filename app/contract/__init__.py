"""What clients were promised – the released schema and the released documents – against what the code says now."""
