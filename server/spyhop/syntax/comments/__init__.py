"""The comments of an answer, put onto the original's own lines: its code stays byte for byte."""
