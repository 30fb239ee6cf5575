"""All agents on a GPU: what is looked at, trainings, figures and the command."""
