"""Enrolment by rule: whoever matches what an assigned community asks for becomes a member, and nobody is removed by machine."""
