"""The shapes of bodies, as the API describes them and as requests are checked against."""
