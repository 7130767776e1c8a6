"""What is copied into the folder of an exported model; it needs nothing of autotrain."""
