"""What can be typed: one module a command, and the options they share."""
