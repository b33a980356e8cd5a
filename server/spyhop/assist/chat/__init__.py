"""Chats: what is asked and remembered, and code blocks of answers applied to files."""
