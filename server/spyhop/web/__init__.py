"""The chat page's server on loopback, for every editor that has no view of ours.

access.py    who may come in: one-time tokens, the cookie, Host and Origin
headers.py   what each answer has the browser refuse
confine.py   no path that a page names leads out of the workspace
reading.py   a request's body, as far as it is taken
events.py    the events of chats, as server-sent events
app.py       the routes
server.py    its start, its addresses and its end
"""
