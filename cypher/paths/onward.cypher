// answers: one step along the goods for a set of enterprises: whom they supply, hubs left out
// mode: read
// params: ids
UNWIND $ids AS id
MATCH (a:Enterprise {id: id})
MATCH (a)-[s:SUPPLIES {dayan: true, basis: 'observed'}]->(b:Enterprise)
WHERE b.hub IS NULL OR b.hub = false
RETURN a.id AS at, b.id AS next, s.amount_fen AS amount_fen
ORDER BY at, amount_fen DESC, next
