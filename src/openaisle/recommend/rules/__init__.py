"""What a placement allows and how it arranges: rules come after the ranking and never change what was learnt."""
