"""Files of any content, given to everything that reads what strangers send (`make fuzz`)."""
