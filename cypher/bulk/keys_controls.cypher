// answers: the two ids of all CONTROLS edges of ours
// mode: read
// params: 
MATCH (a)-[e:CONTROLS]->(b:Enterprise) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
