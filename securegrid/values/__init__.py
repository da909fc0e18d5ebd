"""What can be searched: kinds, normalising, refanging and extraction. Pure."""
