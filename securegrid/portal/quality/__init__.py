"""The data quality of each MISP: looked over now and then, shown to its owner and the operator."""
