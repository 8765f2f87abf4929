"""The command's side of grading: submissions in, reports out."""
