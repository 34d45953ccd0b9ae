"""Certificates: what somebody has done, as it was when the certificate was issued, for anybody to verify."""
