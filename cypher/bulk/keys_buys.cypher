// answers: the two ids of all BUYS edges of ours
// mode: read
// params: 
MATCH (a)-[e:BUYS]->(b:Product) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
