// answers: who supplies both of two enterprises, by what both buy there together
// mode: read
// params: a, b, limit
MATCH (a:Enterprise {id: $a}), (b:Enterprise {id: $b})
MATCH (a)<-[x:SUPPLIES {dayan: true, basis: 'observed'}]-(p:Enterprise)-[y:SUPPLIES {dayan: true, basis: 'observed'}]->(b)
RETURN p.id AS id, p.name AS name, x.amount_fen AS amount_a_fen, y.amount_fen AS amount_b_fen, p.hub AS hub
ORDER BY x.amount_fen + y.amount_fen DESC, id
LIMIT $limit
