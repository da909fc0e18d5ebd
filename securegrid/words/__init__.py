"""Words for people: every reason, state and kind in English and Japanese, made in one place."""
