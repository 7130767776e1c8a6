"""Model families, one file each: `build(structure, inputs, classes, values)` returns logits."""

# Keras's 0.99 needs hundreds of steps before evaluation sees the right statistics; the first rung of
# a search on small data comes earlier, and would judge the lag instead of the configuration.
BATCH_NORM_MOMENTUM = 0.9
