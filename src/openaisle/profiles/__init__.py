"""What each shopper is interested in, as far as what they did tells: profiles with time decay, and their shopper's say.

A profile is never stored: it is made of the newest events in the log, kept in memory while it is asked for, and brought
up to date as events come. Stored is only who said no. What a product is comes in through functions; this room knows
neither engines nor encoders.
"""
