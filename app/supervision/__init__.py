"""Supervision: the register of checks, referrals, consumers' protection and quota, portraits and classes."""
