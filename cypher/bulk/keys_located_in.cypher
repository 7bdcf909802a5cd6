// answers: the two ids of all LOCATED_IN edges of ours
// mode: read
// params: 
MATCH (a)-[e:LOCATED_IN]->(b:Region) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
