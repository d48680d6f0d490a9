"""The core of the triage service: everything a message meets between arrival and answer.

Read the packages in the order in which a message meets them: ``channels`` (in), ``text``,
``scoring``, ``privacy``, ``answers``, ``policy``, ``routing``, ``store``, ``service``, ``worker``,
``channels`` (out), ``measures``. No web framework is imported anywhere below this package.
"""
