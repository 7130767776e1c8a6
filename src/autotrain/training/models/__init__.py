"""Model families, one file each: `build(structure, inputs, classes, layers)` returns logits."""
