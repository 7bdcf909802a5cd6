// answers: creates STANDS_IN edges that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Segment {id: r[1]})
CREATE (a)-[:STANDS_IN {level: r[2], depth: r[3], confidence: r[4], basis: r[5], membership: r[6], dayan: true}]->(b)
RETURN count(*) AS written
