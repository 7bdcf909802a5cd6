// answers: the two ids of all SUPPLIES edges of ours
// mode: read
// params: 
MATCH (a)-[e:SUPPLIES]->(b:Enterprise) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
