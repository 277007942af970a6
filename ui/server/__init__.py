"""What stands between the network and the assistant, in the order in which a request meets it."""
