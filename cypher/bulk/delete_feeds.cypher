// answers: deletes FEEDS edges of ours
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Segment {id: r[0]})
MATCH (b:Segment {id: r[1]})
MATCH (a)-[e:FEEDS {dayan: true}]->(b)
DELETE e
RETURN count(*) AS written
