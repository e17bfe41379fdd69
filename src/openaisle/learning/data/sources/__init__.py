"""Sources of examples, one file each: rows of a file, or the catalogue, in; examples with what groups them out."""
