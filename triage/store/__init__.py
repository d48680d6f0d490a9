"""What is kept, and how: the only package that talks to a database.

``Store`` opens transactions; a :class:`~triage.store.transaction.Transaction` has one repository per
kind of thing. SQLite (WAL) and PostgreSQL behave alike; the same tests run on both.
"""

from triage.store.engine import Hold, Store, open_store
from triage.store.transaction import Transaction

__all__ = ["Hold", "Store", "Transaction", "open_store"]
