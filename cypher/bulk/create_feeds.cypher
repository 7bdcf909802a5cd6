// answers: creates FEEDS edges that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Segment {id: r[0]})
MATCH (b:Segment {id: r[1]})
CREATE (a)-[:FEEDS {dayan: true}]->(b)
RETURN count(*) AS written
