// answers: the two ids of all GUARANTEES edges of ours
// mode: read
// params: 
MATCH (a)-[e:GUARANTEES]->(b:Enterprise) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
