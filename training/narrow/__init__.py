"""A taught encoder made narrower: fewer heads of attention and fewer inner units, taught by the wider one.

What an encoder costs is the products of its layers, and most of what it knows sits in some of its heads and units.
Those stay; the rest is cut away, and what is left learns to give the vectors of the whole (Michel et al. 2019 on
heads, Sanh et al. 2019 on learning from one's own elder). Then its states are rounded by ranges that are measured
once, so that texts can be read side by side.
"""
