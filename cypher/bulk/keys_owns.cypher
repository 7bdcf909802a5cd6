// answers: the two ids of all OWNS edges of ours
// mode: read
// params: 
MATCH (a)-[e:OWNS]->(b:Enterprise) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
