// answers: the two ids of all LEGAL_REP_OF edges of ours
// mode: read
// params: 
MATCH (a)-[e:LEGAL_REP_OF]->(b:Enterprise) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
