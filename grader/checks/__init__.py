"""Hidden checks, a folder a track; what several of them draw, compare with and read answers by.

`strategies` names each domain of inputs once. `oracles` has slow definitions. `answers` reads what came back. They are
part of the checks: nothing else of the grader imports them.
"""
