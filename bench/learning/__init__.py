"""Whether training pays: public data sets made into files and recipes, baselines, and a table of what came out."""
