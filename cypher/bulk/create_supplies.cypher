// answers: creates SUPPLIES edges that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Enterprise {id: r[1]})
CREATE (a)-[:SUPPLIES {amount_fen: r[2], gross_fen: r[3], red_fen: r[4], count: r[5], first: r[6], last: r[7], basis: r[8], confidence: r[9], attested: r[10], dayan: true}]->(b)
RETURN count(*) AS written
