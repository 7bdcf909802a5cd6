// answers: brings OWNS edges of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
OPTIONAL MATCH (a0:Person {id: r[0]})
OPTIONAL MATCH (a1:Enterprise {id: r[0]})
MATCH (b:Enterprise {id: r[1]})
WITH r, b, coalesce(a0, a1) AS a WHERE a IS NOT NULL
MERGE (a)-[e:OWNS {dayan: true}]->(b)
SET e.share = r[2], e.amount_fen = r[3], e.first = r[4], e.until = r[5]
RETURN count(*) AS written
