"""What shoppers did: events in the formats that shops have them in, the log that keeps them, sessions, click models.

A shopper is known by a keyed pseudonym only. An event that was acknowledged is stored, once, however often it is sent.
"""
