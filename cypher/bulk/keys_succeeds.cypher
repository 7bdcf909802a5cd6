// answers: the two ids of all SUCCEEDS edges of ours
// mode: read
// params: 
MATCH (a)-[e:SUCCEEDS]->(b:Enterprise) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
