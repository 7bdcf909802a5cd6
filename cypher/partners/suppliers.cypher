// answers: the largest suppliers of an enterprise, by net amount
// mode: read
// params: id, limit
MATCH (e:Enterprise {id: $id})
MATCH (p:Enterprise)-[s:SUPPLIES {dayan: true, basis: 'observed'}]->(e)
RETURN p.id AS id, p.name AS name, s.amount_fen AS amount_fen, s.gross_fen AS gross_fen, s.red_fen AS red_fen, s.count AS count,
       s.first AS first, s.last AS last, s.attested AS attested, p.hub AS hub
ORDER BY amount_fen DESC, id
LIMIT $limit
