// answers: the enterprises that buy most
// mode: read
// params: limit
MATCH (e:Enterprise) WHERE e.dayan = true AND e.purchases_fen > 0
RETURN e.id AS id, e.name AS name, e.purchases_fen AS purchases_fen
ORDER BY purchases_fen DESC, id
LIMIT $limit
