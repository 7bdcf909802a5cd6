// answers: the two ids of all PART_OF edges of ours
// mode: read
// params: 
MATCH (a)-[e:PART_OF]->(b:Chain) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
