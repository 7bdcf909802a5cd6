"""Who is who by names: `match` answers questions, `match_names` joins and asks at a build."""

from extraction.who.answers import Answer, Candidate, Feature, Query
from extraction.who.build import NameEvidence, match_names
from extraction.who.known import Known
from extraction.who.match import match

__all__ = ["Answer", "Candidate", "Feature", "Known", "NameEvidence", "Query", "match", "match_names"]
