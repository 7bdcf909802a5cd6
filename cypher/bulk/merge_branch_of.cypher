// answers: brings BRANCH_OF edges of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Enterprise {id: r[1]})
MERGE (a)-[e:BRANCH_OF {dayan: true}]->(b)
SET e.share = r[2], e.amount_fen = r[3], e.first = r[4], e.until = r[5]
RETURN count(*) AS written
