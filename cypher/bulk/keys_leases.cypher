// answers: the two ids of all LEASES edges of ours
// mode: read
// params: 
MATCH (a)-[e:LEASES]->(b:Enterprise) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
