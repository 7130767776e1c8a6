"""Suites of tests, one for each contract, that whoever extends autotrain can run.

A suite is a class of tests for pytest. Subclass it in a test module of your own and say what is to be
tested; our own implementations run the same suites:

    from autotrain.testing.samplers import SamplerSuite

    class TestMine(SamplerSuite):
        def sampler(self):
            return MySampler()

`docs/extending.md` has one of each. What a suite needs of small data and of Keras is in `examples` and
`family_programs`.
"""
