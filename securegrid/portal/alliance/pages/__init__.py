"""Pages about the alliance: MISPs, members, people, settings and health."""
