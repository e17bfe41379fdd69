"""Hard negatives: texts that look like answers to a query and are none, found by the model and by words."""
