// answers: the two ids of all STANDS_IN edges of ours
// mode: read
// params: 
MATCH (a)-[e:STANDS_IN]->(b:Segment) WHERE e.dayan = true
RETURN a.id AS src, b.id AS dst
