"""What understands logs and tables: one small module per format, and the registry of all."""
