// answers: creates CONTROLS edges that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
OPTIONAL MATCH (a0:Person {id: r[0]})
OPTIONAL MATCH (a1:Enterprise {id: r[0]})
MATCH (b:Enterprise {id: r[1]})
WITH r, b, coalesce(a0, a1) AS a WHERE a IS NOT NULL
CREATE (a)-[:CONTROLS {share: r[2], amount_fen: r[3], first: r[4], until: r[5], dayan: true}]->(b)
RETURN count(*) AS written
