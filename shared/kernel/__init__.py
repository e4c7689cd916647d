"""Words that every part of the business uses; imports nothing of ours."""
