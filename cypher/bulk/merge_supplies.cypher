// answers: brings SUPPLIES edges of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Enterprise {id: r[1]})
MERGE (a)-[e:SUPPLIES {dayan: true}]->(b)
SET e.amount_fen = r[2], e.gross_fen = r[3], e.red_fen = r[4], e.count = r[5], e.first = r[6], e.last = r[7], e.basis = r[8], e.confidence = r[9], e.attested = r[10]
RETURN count(*) AS written
