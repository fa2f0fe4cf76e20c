"""What a good record and a good load are: edits, routing, expectations, the quality report. Imports schemas."""
