// answers: creates BRANCH_OF edges that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Enterprise {id: r[1]})
CREATE (a)-[:BRANCH_OF {share: r[2], amount_fen: r[3], first: r[4], until: r[5], dayan: true}]->(b)
RETURN count(*) AS written
