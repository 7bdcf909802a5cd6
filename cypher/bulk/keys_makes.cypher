// answers: the two ids of all MAKES edges of ours
// mode: read
// params: 
MATCH (a)-[e:MAKES]->(b:Product) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
