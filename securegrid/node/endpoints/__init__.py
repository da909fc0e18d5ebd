"""The node's endpoints, one module per MISP controller; a path that is not here is 404."""
