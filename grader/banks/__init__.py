"""Example banks: what properties are run on. Drawing and shrinking examples costs more than judging them.

A check stays a plain `@given` test. Its bank holds what refuted shipped wrong solutions (`shipped`), and what
hypothesis draws for the seed (`drawn`, kept by `cache`); the judge replays it, simplest first (`replay`).
"""
