"""What makes the documents: `python -m docs.generate` fills in numbers, `docs.picture` draws."""
