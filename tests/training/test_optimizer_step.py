"""What happens between gradient and weights: which weights belong to one unit."""

from __future__ import annotations


def _axes():
    import keras
    from keras import layers

    from autotrain.training.optimizer_step import incoming_axes

    image, tokens = keras.Input((4, 4, 3)), keras.Input((5, 8))
    x = layers.DepthwiseConv2D(3, name="depthwise_conv2d")(
        layers.Conv2D(6, 3, padding="same", name="plain")(image)
    )
    attention = layers.MultiHeadAttention(2, 4, name="attention")
    attention(tokens, tokens)
    embedding = layers.Embedding(10, 4, name="words")
    embedding(keras.Input((5,), dtype="int32"))
    found = {}
    for layer in (*keras.Model(image, x).layers, attention, embedding):
        for weight in layer.trainable_variables:
            if "bias" not in weight.name:
                found[weight.path] = tuple(weight.shape), incoming_axes(weight)
    return found


def test_norm_of_a_unit_is_over_the_weights_that_lead_into_it(backends):
    found = backends("tensorflow").run(_axes)
    assert found["plain/kernel"] == ((3, 3, 3, 6), (0, 1, 2))
    assert found["depthwise_conv2d/kernel"] == ((3, 3, 6, 1), (0, 1))
    assert found["attention/query/kernel"] == ((8, 2, 4), (0,))
    assert found["attention/attention_output/kernel"] == ((2, 4, 8), (0, 1))
    assert found["words/embeddings"] == ((10, 4), (1,))
