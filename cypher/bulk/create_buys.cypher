// answers: creates BUYS edges that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Product {id: r[1]})
CREATE (a)-[:BUYS {amount_fen: r[2], share: r[3], dayan: true}]->(b)
RETURN count(*) AS written
