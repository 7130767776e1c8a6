"""The shared Keras training core.

Importing this package loads no framework: the tables of what can be searched over are plain data,
and Keras is imported by the modules that build and run programs, inside workers.
"""
