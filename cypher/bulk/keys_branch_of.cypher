// answers: the two ids of all BRANCH_OF edges of ours
// mode: read
// params: 
MATCH (a)-[e:BRANCH_OF]->(b:Enterprise) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
