"""Which AS and country an address belongs to, from data that ships with the portal: offline."""
