"""Sentences, labels and numbers in the user's language. Free of Qt."""
