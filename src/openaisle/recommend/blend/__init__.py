"""One order out of many methods: what they propose, the features of each proposal, and the ranking learnt from them."""
