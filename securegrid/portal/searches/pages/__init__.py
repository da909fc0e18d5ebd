"""The pages of a search: each module one page, with its typed contexts."""
