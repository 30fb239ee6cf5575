"""Files and packages of the user's that bring agents and tasks."""
