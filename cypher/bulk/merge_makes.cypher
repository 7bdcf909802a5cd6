// answers: brings MAKES edges of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Product {id: r[1]})
MERGE (a)-[e:MAKES {dayan: true}]->(b)
SET e.amount_fen = r[2], e.share = r[3]
RETURN count(*) AS written
