// answers: brings FEEDS edges of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Segment {id: r[0]})
MATCH (b:Segment {id: r[1]})
MERGE (a)-[e:FEEDS {dayan: true}]->(b)
RETURN count(*) AS written
