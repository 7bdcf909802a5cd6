// answers: the two ids of all SHARES edges of ours
// mode: read
// params: 
MATCH (a)-[e:SHARES]->(b:Enterprise) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
