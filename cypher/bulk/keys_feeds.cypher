// answers: the two ids of all FEEDS edges of ours
// mode: read
// params: 
MATCH (a)-[e:FEEDS]->(b:Segment) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
