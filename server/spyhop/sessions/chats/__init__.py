"""Chats: their turns, what is attached to them, and what becomes of an answer on its way."""
