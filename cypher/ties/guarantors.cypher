// answers: who guarantees for an enterprise
// mode: read
// params: id
MATCH (e:Enterprise {id: $id})
MATCH (g)-[t:GUARANTEES]->(e) WHERE t.dayan = true
RETURN g.id AS id, g.name AS name, labels(g)[0] AS kind, t.amount_fen AS amount_fen,
       t.first AS first, t.until AS until
ORDER BY coalesce(amount_fen, 0) DESC, id
